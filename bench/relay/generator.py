"""Runs the load generator, which is a process of its own and written in C."""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from subprocess import PIPE
from tempfile import NamedTemporaryFile

import platformdirs
from bench.relay.plan import Participant, write_plan

HERE = Path(__file__).parent
CACHE = Path(platformdirs.user_cache_dir("sakya-sync-bench"))
BUSY_MAX = 0.9
"""A generator that ran for more than this part of the time may have been the bottleneck."""
RUN_SECONDS = 180.0


class Failed(Exception):
    """A run that says nothing: what went wrong."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to do with a plan."""

    window: int = 0
    """Updates in flight for each writer."""
    rate: float = 0.0
    """Or so many updates a second, all writers together, whatever comes back."""
    seconds: float = 3.0
    warm_up: float = 0.5
    protocol: str = "loro"
    characters: int = 1
    """For Yjs: of how many an update consists."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the generator saw."""

    seconds: float
    acked: int
    delivered: int
    ack_us: tuple[float, float]
    """p50 and p99."""
    delivery_us: tuple[float, float]
    busy: float
    complete: bool
    """Whether in the end every reader had every record, and every writer its acks."""
    exhausted: bool
    joins: list[tuple[float, int]]
    """For each connection, opened alone: seconds from its join to the last record, and bytes."""


def compiled(source: str, *flags: str) -> Path:
    """The program made from one of our C files, made once."""
    text = (HERE / source).read_bytes()
    target = CACHE / f"{Path(source).stem}-{blake2b(text, digest_size=6).hexdigest()}"
    if not target.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-O2", "-o", str(target), str(HERE / source), *flags], check=True)
    return target


def run(
    port: int, participants: Sequence[Participant], load: Load, opened: Callable[[], None]
) -> Report:
    """Open everything, work, wait until all has arrived. Raises Failed.

    Args: opened: called before the work begins.
    """
    options = ["-i", "-w", load.window, "-r", load.rate, "-s", load.seconds, "-u", load.warm_up]
    with _started(port, participants, load, *options) as process:
        _opened(process)
        opened()
        return _report(process)


def run_joins(port: int, participants: Sequence[Participant], records: int) -> Report:
    """Open one after the other, each until it has so many records. Raises Failed."""
    with _started(port, participants, Load(), "-1", "-e", records) as process:
        return _report(process)


@contextmanager
def held_open(port: int, participants: Sequence[Participant], protocol: str) -> Iterator[float]:
    """All connections are open while the block runs: in how many seconds. Raises Failed."""
    with _started(port, participants, Load(protocol=protocol), "-i") as process:
        yield _opened(process)
        _report(process)


@contextmanager
def _started(
    port: int, participants: Sequence[Participant], load: Load, *options: object
) -> Iterator["subprocess.Popen[str]"]:
    with NamedTemporaryFile(prefix="plan-") as file:
        write_plan(Path(file.name), participants)
        command = [compiled("load.c"), "-p", port, "-k", load.protocol, "-l", load.characters]
        process = subprocess.Popen(
            [str(part) for part in (*command, *options, file.name)],
            stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def _opened(process: "subprocess.Popen[str]") -> float:
    assert process.stdout is not None
    opened = process.stdout.readline()
    if not opened:
        raise Failed("the generator ended")
    return float(opened)


def _report(process: "subprocess.Popen[str]") -> Report:
    try:
        out, errors = process.communicate("\n", timeout=RUN_SECONDS)
    except subprocess.TimeoutExpired:
        raise Failed(f"no end after {RUN_SECONDS:g} s") from None
    if process.returncode != 0:
        raise Failed(errors.strip() or f"exit status {process.returncode}")
    found = json.loads(out.strip().splitlines()[-1])
    if found["fault"] is not None:
        raise Failed(found["fault"])
    if found["disordered"]:
        raise Failed(f"{found['disordered']} acks out of order")
    return Report(
        found["seconds"], found["acked"], found["delivered"], tuple(found["ack_us"]),
        tuple(found["delivery_us"]), found["busy"], found["complete"], found["exhausted"],
        [(seconds, size) for seconds, size in found["joins"]],
    )  # fmt: skip
