"""The `sakya` command as processes of its own: a relay, and devices with a home and a folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

SAKYA = "from sakya_sync.cli.main import main; main()"
RUN_SECONDS = 50.0
POLL_SECONDS = 0.01


def eventually(holds: Callable[[], bool], what: str, seconds: float = RUN_SECONDS) -> None:
    """Look again and again until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"never came about: {what}"
        time.sleep(POLL_SECONDS)


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    status: int
    out: str
    err: str

    def object(self) -> dict[str, Any]:
        """What it printed, which must be one line with one JSON object."""
        (line,) = self.out.splitlines()
        parsed = json.loads(line)
        assert isinstance(parsed, dict)
        return parsed


def end(process: subprocess.Popen[bytes], sign: int = signal.SIGKILL) -> int:
    """Signal a process and wait until it is gone."""
    if process.poll() is None:
        process.send_signal(sign)
    return process.wait(RUN_SECONDS)


@dataclass
class Device:
    """A home and a folder; every command is a process."""

    home: Path
    folder: Path
    python: Sequence[str] = (sys.executable,)
    """How a command line begins that runs Python."""

    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("SAKYA_")}
        keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        return own | keyring | {"SAKYA_HOME": str(self.home), "NO_COLOR": "1"}

    def run(self, *arguments: str | Path, stdin: str = "", program: str = SAKYA) -> Ran:
        ran = subprocess.run(
            [*self.python, "-c", program, *map(str, arguments)],
            input=stdin.encode(),
            capture_output=True,
            env=self.environment(),
            cwd=self.home.parent,
            timeout=RUN_SECONDS,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    def ok(self, *arguments: str | Path, stdin: str = "") -> Ran:
        """Run a command that must succeed."""
        ran = self.run(*arguments, stdin=stdin)
        assert ran.status == 0, (arguments, ran)
        return ran

    @contextmanager
    def start(self, *arguments: str | Path, stdin: str = "") -> Iterator[subprocess.Popen[bytes]]:
        """A command that keeps running, until the block ends."""
        typed = self.home.parent / f"{self.home.name}.in"
        typed.write_text(stdin)
        with (
            (self.home.parent / f"{self.home.name}.log").open("ab") as log,
            typed.open("rb") as given,
        ):
            process = subprocess.Popen(
                [sys.executable, "-c", SAKYA, *map(str, arguments)],
                stdin=given,
                stdout=log,
                stderr=log,
                env=self.environment(),
                cwd=self.home.parent,
            )
            try:
                yield process
            finally:
                end(process)

    @property
    def words(self) -> str:
        words = self.ok("recovery", "show", "--json").object()["words"]
        assert isinstance(words, str)
        return words

    def contents(self) -> dict[str, bytes]:
        """Every file of the project."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and ".sakya" not in path.parts
        }


def device(root: Path, name: str, files: dict[str, str] | None = None) -> Device:
    """A device whose folder holds these files, or does not exist yet."""
    made = Device(root / f"{name}-home", root / name / "novel")
    made.folder.parent.mkdir()
    for path, text in (files or {}).items():
        target = made.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return made


@dataclass
class RelayProcess:
    """`sakya relay serve`, which can be killed and started again at the same address."""

    root: Path
    port: int = field(default_factory=lambda: _free_port())
    options: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None
    kept: Path | None = None
    """Where its records are, if not below `root`."""

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.root / "relay" if self.kept is None else self.kept

    @property
    def log(self) -> Path:
        return self.root / "relay.err"

    def start(self) -> None:
        assert self.process is None or self.process.poll() is not None
        told = self.root / "relay.out"
        listen = f"127.0.0.1:{self.port}"
        command: Sequence[str] = ("relay", "serve", "--listen", listen, "--data", str(self.data))
        command = (*command, *self.options)
        output: IO[bytes]
        with told.open("wb") as output, self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", SAKYA, *command, "--json"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                cwd=self.root,
            )
        self.process = process
        eventually(
            lambda: process.poll() is not None or told.read_bytes().endswith(b"\n"),
            "a relay that listens",
        )
        assert process.poll() is None, self.log.read_text()

    def stop(self, sign: int = signal.SIGTERM) -> int:
        assert self.process is not None
        return end(self.process, sign)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)


@contextmanager
def relay(root: Path, data: Path | None = None) -> Iterator[RelayProcess]:
    """A relay that runs until the block ends."""
    served = RelayProcess(root, kept=data)
    served.start()
    try:
        yield served
    finally:
        served.kill()


def founded(root: Path, served: RelayProcess, files: dict[str, str]) -> Device:
    """A laptop whose novel is on the relay."""
    laptop = device(root, "laptop", files)
    laptop.ok("init", laptop.folder, "--relay", served.url)
    return laptop


def joined(root: Path, served: RelayProcess, laptop: Device, name: str = "tablet") -> Device:
    """A second device that came in by the recovery kit."""
    tablet = device(root, name)
    tablet.ok("join", tablet.folder, "--relay", served.url, "--recovery", stdin=laptop.words)
    return tablet


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
