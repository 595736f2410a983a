"""A full disk refuses writes so that they come again; reading goes on; then all is well."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from process.command import founded, joined, relay
from sakya_sync.access.payload import JoinPayload
from sakya_sync.record.container import pack
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import AckStatus, JoinError, JoinResponseOk, Magic, RoomError
from store.faults import Disk, watched

from .people import ACCESS, FOUNDING, LAPTOP, STRUCTURE, TABLET, Pen, RawClient, enrolled


@pytest.fixture
async def served(config: RelayConfig) -> AsyncIterator[tuple[Relay, Disk]]:
    """A relay on a disk that can be full."""
    with watched() as disk:
        async with Relay(config, clock=SystemClock(), quiet=True) as running:
            yield running, disk
            disk.free_bytes = None


async def writer(relay: Relay) -> RawClient:
    """The laptop, in a room."""
    laptop = await RawClient.connect(relay, LAPTOP)
    await laptop.introduce((*FOUNDING, *enrolled(TABLET)))
    await laptop.enter()
    return laptop


async def test_what_cannot_be_stored_comes_again_and_is_stored_without_a_restart(
    served: tuple[Relay, Disk],
) -> None:
    relay, disk = served
    laptop, pen = await writer(relay), Pen(LAPTOP)
    assert await laptop.put(pen.write()) is AckStatus.OK
    disk.free_bytes = 0
    unstored = [pen.write() for _ in range(3)]
    for sealed in unstored:
        assert await laptop.put(sealed) in (AckStatus.UNKNOWN, AckStatus.INVALID_UPDATE)
    assert (await laptop.next(RoomError)).room == STRUCTURE
    disk.free_bytes = None
    assert await laptop.put(*unstored) is AckStatus.OK
    assert await laptop.put(pen.write()) is AckStatus.OK


async def test_a_batch_that_cannot_be_stored_gets_a_status_to_come_again_with(
    served: tuple[Relay, Disk],
) -> None:
    relay, disk = served
    laptop, pen = await writer(relay), Pen(LAPTOP)
    disk.free_bytes = 0
    sealed = pen.write()
    for _ in range(20):
        assert await laptop.put(sealed) is AckStatus.UNKNOWN
    # Several on their way at once, of which the later build on the first.
    batches = [laptop.offer(Magic.ELO, STRUCTURE, pack([sealed.raw]))]
    following = pen.write()
    batches.append(laptop.offer(Magic.ELO, STRUCTURE, pack([following.raw])))
    assert [await laptop.answer(batch) for batch in batches] == [AckStatus.UNKNOWN] * 2
    disk.free_bytes = None
    assert await laptop.put(sealed, following) is AckStatus.OK


async def test_devices_join_and_read_while_the_disk_is_full(served: tuple[Relay, Disk]) -> None:
    relay, disk = served
    laptop, pen = await writer(relay), Pen(LAPTOP)
    written = [pen.write() for _ in range(3)]
    assert await laptop.put(*written) is AckStatus.OK
    disk.free_bytes = 0
    tablet = await RawClient.connect(relay, TABLET)
    ticket = tablet.ticket(Magic.SKA, ACCESS)
    assert isinstance(await tablet.join(Magic.SKA, ACCESS, JoinPayload(ticket)), JoinResponseOk)
    await tablet.enter()
    assert await tablet.records(3) == [item.raw for item in written]
    thief = await RawClient.connect(relay, TABLET)
    assert isinstance(await thief.join(Magic.SKA, ACCESS, JoinPayload(ticket)), JoinError)
    disk.free_bytes = None
    last = pen.write()
    assert await laptop.put(last) is AckStatus.OK
    assert await tablet.records(1) == [last.raw]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root may mount one")
    path = tmp_path / "small"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this system mounts none")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def test_a_relay_on_a_disk_that_is_really_full_goes_on_when_there_is_space(
    tmp_path: Path, small: Path
) -> None:
    with relay(tmp_path, data=small / "relay") as running:
        laptop = founded(tmp_path, running, {"one.md": "One.\n"})
        tablet = joined(tmp_path, running, laptop)
        ballast = small / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        large = "".join(f"Line {number} of many.\n" for number in range(30_000))
        (laptop.folder / "two.md").write_text(large)
        full = laptop.run("sync", laptop.folder, "--timeout", "6", "--json")
        assert full.status == 4, full
        # Reading goes on.
        assert tablet.ok("sync", tablet.folder, "--json").object()["ok"] is True
        ballast.unlink()
        assert laptop.ok("sync", laptop.folder, "--json").object()["ok"] is True
        tablet.ok("sync", tablet.folder)
        assert tablet.contents() == laptop.contents()
