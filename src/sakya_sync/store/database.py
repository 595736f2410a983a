"""Opening SQLite databases of ours, and turning SQLite's complaints into our errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from sakya_sync.errors import (
    DatabaseCorrupt,
    DeviceBusy,
    DiskFull,
    LocalFault,
    PermissionMissing,
)
from sakya_sync.ports import Disk
from sakya_sync.store.disk import SYSTEM_DISK


@dataclass(frozen=True, slots=True)
class Kind:
    """What a database is for."""

    package: str
    """Where its `schema.sql` lies."""
    remedy: str
    """What a person does when it is damaged."""
    version: int = 1
    """`schema.sql` makes version 1; `schema-2.sql` makes 2 of it, and so on."""


DEVICE: Final = Kind(
    "sakya_sync.store.device",
    "then run `sakya join` on the folder again: everything the relay has comes back",
)
RELAY: Final = Kind(
    "sakya_sync.store.relay",
    "then start the relay again: devices send it what they have",
    version=3,
)
PLAIN: Final = Kind(
    "sakya_sync.store.plain",
    "then start the relay again: clients send it what they have",
)


def open_database(
    path: Path, kind: Kind, *, create: bool = False, disk: Disk = SYSTEM_DISK
) -> sqlite3.Connection:
    """A connection on which every commit is durable, for use by one thread at a time.

    Raises: DatabaseCorrupt, DiskFull, PermissionMissing, LocalFault.
    """
    with translated(path, kind):
        if create:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not path.exists():
            raise DatabaseCorrupt(path=path, remedy=kind.remedy)
        connection = disk.connect(path)
        try:
            _prepare(connection, path, kind, create=create)
        except BaseException:
            connection.close()
            raise
        return connection


def open_for_reading(path: Path, kind: Kind) -> sqlite3.Connection:
    """A connection that changes nothing, for `status`. Raises as `open_database` does."""
    with translated(path, kind):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except BaseException:
            connection.close()
            raise
    if version != kind.version:
        connection.close()
        raise DatabaseCorrupt(path=path, remedy=kind.remedy)
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, kind: Kind, *, create: bool) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if create:
        # A new one, or one from a backup.
        connection.execute("PRAGMA journal_mode = WAL")
    if version == 0 and create:
        path.chmod(0o600)
    if create and version < kind.version:
        scripts = (_script(kind, number) for number in range(version + 1, kind.version + 1))
        connection.executescript("\n".join(["BEGIN IMMEDIATE;", *scripts, "COMMIT;"]))
    elif version != kind.version:
        raise DatabaseCorrupt(path=path, remedy=kind.remedy)
    # FULL: what was acked, or sent under a sequence number, must still be known after the power
    # fails.
    connection.execute("PRAGMA synchronous = FULL")


def _script(kind: Kind, version: int) -> str:
    name = "schema.sql" if version == 1 else f"schema-{version}.sql"
    return files(kind.package).joinpath(name).read_text("utf-8")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself when the disk is full.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def translated(path: Path, kind: Kind) -> Iterator[None]:
    """Turn what SQLite and the file system raise into our errors."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _ours(error, path, kind) from error
    except PermissionError as error:
        raise PermissionMissing(path=path) from error
    except OSError as error:
        raise LocalFault(f"{path}: {error.strerror}") from error


def _ours(error: sqlite3.DatabaseError, path: Path, kind: Kind) -> Exception:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return DiskFull(path=path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return PermissionMissing(path=path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DeviceBusy(folder=path.parent, pid="unknown")
        case sqlite3.SQLITE_IOERR:
            return LocalFault(f"{path} cannot be read or written ({error})")
        case _:
            return DatabaseCorrupt(path=path, remedy=kind.remedy)
