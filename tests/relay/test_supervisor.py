"""systemd is told that the relay is ready, alive, and stopping."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from process.command import SAKYA, end
from sakya_sync.relay.supervisor import Supervisor

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="systemd is a Unix thing")


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end_of_systemd:
        end_of_systemd.bind(str(tmp_path / "notify"))
        end_of_systemd.settimeout(20)
        yield end_of_systemd


def test_a_relay_says_when_it_is_ready_and_when_it_stops(
    tmp_path: Path, heard: socket.socket
) -> None:
    command = ["relay", "serve", "--listen", "127.0.0.1:0", "--data", str(tmp_path / "relay")]
    relay = subprocess.Popen(
        [sys.executable, "-c", SAKYA, *command],
        env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert heard.recv(100) == b"READY=1"
        assert [heard.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        relay.terminate()
        while (said := heard.recv(100)) == b"WATCHDOG=1":
            pass
        assert said == b"STOPPING=1"
        assert relay.wait(20) == 0
    finally:
        end(relay)


async def test_where_nobody_asked_nothing_is_said() -> None:
    supervisor = Supervisor({})
    supervisor.tell("READY=1")
    await asyncio.wait_for(supervisor.keep_telling(), 10)
