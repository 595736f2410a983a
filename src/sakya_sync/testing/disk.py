"""A machine's disk: databases in memory, with faults, and with what a power cut leaves of them."""

from __future__ import annotations

import sqlite3
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sakya_sync.testing.process import CURRENT, ProcessDied

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from sakya_sync.testing.dice import Dice
    from sakya_sync.testing.process import Process

T = TypeVar("T")

_FULL_SYNC: Final = 2
# SQLite keeps databases in memory by name, for all of this process.
_names = count()


@dataclass(slots=True)
class DiskFaults:
    """How often which fault strikes, by commit; and how long work takes, in seconds."""

    full: float = 0.0
    busy: float = 0.0
    io: float = 0.0
    answer_lost: float = 0.0
    """The commit is durable, but reported as failed."""
    slow: float = 0.0
    """A piece of work takes up to `slow_seconds`."""
    slow_seconds: float = 3.0
    quick_seconds: float = 0.002

    def heal(self) -> None:
        """From now on nothing fails."""
        self.full = self.busy = self.io = self.answer_lost = self.slow = 0.0


class Database:
    """One file of a disk: what it holds, and what of it would be there after a power cut."""

    def __init__(self, image: bytes | None = None) -> None:
        self.uri = f"file:/sakya-{next(_names)}?vfs=memdb"
        self.keeper = sqlite3.connect(self.uri, uri=True, isolation_level=None)
        self.unsynced_since: bytes | None = None
        if image is not None:
            source = sqlite3.connect(":memory:")
            source.deserialize(image)
            source.backup(self.keeper)
            source.close()

    def read(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Look at it, as nobody in the world can."""
        return self.keeper.execute(sql, parameters).fetchall()

    @property
    def synced(self) -> bool:
        """Whether a power cut would leave all of it."""
        return self.unsynced_since is None

    def close(self) -> None:
        """Forget it."""
        self.keeper.close()


class VirtualDisk:
    """A machine's disk; it outlives the programs that use it. `ports.Disk` for all of them."""

    def __init__(self, loop: asyncio.AbstractEventLoop, dice: Dice, faults: DiskFaults) -> None:
        self.faults = faults
        self.faulted = 0
        self.databases: dict[str, Database] = {}
        self._loop = loop
        self._dice = dice
        self._open: list[VirtualConnection] = []

    def connect(self, path: Path) -> sqlite3.Connection:
        """A connection to the database at a path; an empty one where there is no such file."""
        key = str(path)
        if not path.exists():
            path.touch(0o600)
            if key in self.databases:
                self.databases.pop(key).close()
        database = self.databases.get(key)
        if database is None:
            database = self.databases[key] = Database()
        connection = sqlite3.connect(
            database.uri,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=0,
            factory=VirtualConnection,
        )
        connection.attach(self, database, f"{path.parent.name[:8]}/{path.name}")
        self._open.append(connection)
        return connection

    def worker(self, name: str) -> Executor:  # noqa: ARG002
        """Does one thing after another, each a moment later."""
        return VirtualWorker(self._loop, self.work_seconds)

    def work_seconds(self) -> float:
        """How long a piece of work takes, or its answer."""
        slow = self._dice.chance(self.faults.slow)
        return self._dice.between(
            0.0, self.faults.slow_seconds if slow else self.faults.quick_seconds
        )

    def close_connections(self) -> None:
        """As the system does for a program that ended."""
        for connection in self._open:
            connection.detach()
        self._open.clear()

    def power_cut(self) -> None:
        """Keep only what was synced."""
        self.close_connections()
        for path, database in list(self.databases.items()):
            if database.unsynced_since is not None:
                self.databases[path] = Database(database.unsynced_since)
                database.close()

    def close(self) -> None:
        """The end of the world."""
        self.close_connections()
        for database in self.databases.values():
            database.close()
        self.databases.clear()

    def strike(self, where: str) -> sqlite3.OperationalError | None:
        """What goes wrong now, if anything does."""
        faults = self.faults
        chances: tuple[tuple[float, int], ...] = (
            ((faults.busy, sqlite3.SQLITE_BUSY),)
            if where == "begin"
            else ((faults.full, sqlite3.SQLITE_FULL), (faults.io, sqlite3.SQLITE_IOERR))
            if where == "commit"
            else ((faults.answer_lost, sqlite3.SQLITE_IOERR),)
        )
        for probability, code in chances:
            if self._dice.chance(probability):
                self.faulted += 1
                error = sqlite3.OperationalError("as simulated")
                error.sqlite_errorcode = code
                return error
        return None


class VirtualConnection(sqlite3.Connection):
    """SQLite's own, but each commit is a step of the program, and may fail."""

    _disk: VirtualDisk
    _database: Database
    _process: Process | None
    _label: str
    _syncs = True
    _before: bytes | None = None

    def attach(self, disk: VirtualDisk, database: Database, label: str) -> None:
        """Say where it belongs."""
        self._disk = disk
        self._database = database
        self._process = CURRENT.get()
        self._label = label

    def detach(self) -> None:
        """Close it, undoing what was not committed."""
        super().close()

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Raises what SQLite raises, and ProcessDied."""
        if self._process is not None:
            self._process.check_alive()
        if sql == "BEGIN IMMEDIATE":
            self._may_fail("begin")
            (level,) = super().execute("PRAGMA synchronous").fetchone()
            self._syncs = level >= _FULL_SYNC
            if not self._syncs:
                self._before = self._database.keeper.serialize()
        elif sql == "COMMIT":
            return self._commit()
        return super().execute(sql, parameters)

    def executescript(self, sql: str, /) -> sqlite3.Cursor:
        """Raises as `execute` does."""
        self._step("makes")
        return super().executescript(sql)

    def close(self) -> None:
        """Close it, if its program may still do so."""
        if self._process is None or self._process.alive:
            super().close()

    def _commit(self) -> sqlite3.Cursor:
        self._step("commits")
        self._may_fail("commit")
        done = super().execute("COMMIT")
        if self._syncs:
            self._database.unsynced_since = None
        elif self._database.unsynced_since is None:
            self._database.unsynced_since = self._before
        self._step("has committed")
        self._may_fail("answer")
        return done

    def _step(self, what: str) -> None:
        if self._process is not None:
            self._process.step(f"{what} {self._label}")

    def _may_fail(self, where: str) -> None:
        error = self._disk.strike(where)
        if error is not None:
            self._step(f"meets fault {error.sqlite_errorcode} at {where} of")
            raise error


class VirtualWorker(Executor):
    """Does one thing after another: each begins a moment later, and is answered a moment later."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: Callable[[], float]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._answers: deque[Callable[[], None]] = deque()
        self._busy = False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have something done."""
        future: Future[T] = Future()
        self._waiting.append((future, lambda: fn(*args, **kwargs)))
        if not self._busy:
            self._busy = True
            self._loop.call_later(self._seconds(), self._begin)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Do and answer at once what was asked for."""
        while self._answers or self._waiting:
            while self._answers:
                self._answers.popleft()()
            if self._waiting:
                self._do()
        self._busy = False

    def _begin(self) -> None:
        if self._waiting and not self._do():
            self._loop.call_later(0.0, self._next)
        elif self._answers:
            self._loop.call_later(self._seconds(), self._next)

    def _next(self) -> None:
        if self._answers:
            self._answers.popleft()()
        if self._waiting:
            self._loop.call_later(self._seconds(), self._begin)
        else:
            self._busy = False

    def _do(self) -> bool:
        """Do the first thing, unless it was called off."""
        future, call = self._waiting.popleft()
        if not future.set_running_or_notify_cancel():
            return False
        process = CURRENT.get()
        try:
            if process is not None:
                process.check_alive()
            result = call()
        except (Exception, ProcessDied) as error:
            failure = error
            self._answers.append(lambda: future.set_exception(failure))
        else:
            self._answers.append(lambda: future.set_result(result))
        return True
