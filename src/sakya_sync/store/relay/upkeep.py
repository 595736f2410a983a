"""Copies of a relay's databases, and what can be thrown away, beside a relay that may run."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sakya_sync.errors import BackupUnusable, DataPresent, LocalFault
from sakya_sync.limits import TICKET_WINDOW_SECONDS
from sakya_sync.store.database import RELAY, open_database, open_for_reading, translated
from sakya_sync.store.relay.store import FILE
from sakya_sync.store.relay.unsettled import read_unsettled

PATTERN: Final = "*.sqlite"
PARTIAL: Final = ".partial"


@dataclass(frozen=True, slots=True)
class Totals:
    """How much a relay keeps."""

    subjects: int
    rooms: int
    records: int
    record_bytes: int
    access_records: int
    access_bytes: int
    invitations: int
    disk_bytes: int


@dataclass(frozen=True, slots=True)
class Collected:
    """What was thrown away."""

    nonces: int
    invitations: int
    freed_bytes: int


def back_up(data: Path, target: Path) -> list[Path]:
    """Copy every database, each as it is at one moment; the relay may go on meanwhile.

    Args: target: a directory that does not exist yet, and exists only once it is whole.
    Raises: DataPresent, BackupUnusable, DatabaseCorrupt, DiskFull, PermissionMissing, LocalFault.
    """
    return _copy_all(data, target, "there is no relay's database in it")


def restore(backup: Path, data: Path) -> list[Path]:
    """Put a backup in the place of a relay's data, where there is none.

    Raises: as `back_up`.
    """
    return _copy_all(backup, data, "there is no backup in it")


def totals(data: Path) -> Totals:
    """Raises DatabaseCorrupt, LocalFault."""
    path = data / FILE
    with closing(open_for_reading(path, RELAY)) as connection, translated(path, RELAY):

        def row(sql: str) -> Sequence[int]:
            found: Sequence[int] = connection.execute(sql).fetchone()
            return found

        connection.execute("BEGIN")
        subjects, rooms, size = row(
            "SELECT count(DISTINCT subject), count(*), coalesce(sum(bytes), 0) FROM room"
        )
        size += read_unsettled(connection).added_all
        (records,) = row("SELECT count(*) FROM record")
        access, access_bytes = row("SELECT count(*), coalesce(sum(length(body)), 0) FROM access")
        (invitations,) = row("SELECT count(*) FROM invitation WHERE uses > 0")
    disk = sum(item.stat().st_size for item in data.iterdir() if item.is_file())
    return Totals(subjects, rooms, records, size, access, access_bytes, invitations, disk)


def collect(data: Path, now_ms: int, *, compact: bool = False) -> Collected:
    """Throw away used nonces and invitations whose time is over; records are never thrown away.

    Args: compact: give the space that is free inside the databases back to the disk. Nobody else
        may use them meanwhile.
    Raises: DatabaseCorrupt, DiskFull, DeviceBusy, LocalFault.
    """
    before = _size(data)
    path = data / FILE
    with closing(open_database(path, RELAY, create=True)) as connection, translated(path, RELAY):
        oldest = now_ms - 4 * TICKET_WINDOW_SECONDS * 1000
        nonces = connection.execute("DELETE FROM nonce WHERE time_ms < ?", (oldest,)).rowcount
        invitations = connection.execute(
            "DELETE FROM invitation WHERE uses <= 0 OR expires_ms <= ?", (now_ms,)
        ).rowcount
    for database in sorted(data.glob(PATTERN)):
        with translated(database, RELAY), closing(_connect(database)) as connection:
            if compact:
                connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return Collected(nonces, invitations, max(0, before - _size(data)))


def _copy_all(source: Path, target: Path, missing: str) -> list[Path]:
    databases = sorted(source.glob(PATTERN)) if source.is_dir() else []
    if not any(path.name == FILE for path in databases):
        raise BackupUnusable(missing, path=source)
    partial = target.with_name(target.name + PARTIAL)
    with translated(target, RELAY):
        if target.exists() and any(target.glob(PATTERN)):
            raise DataPresent(data=target)
        partial.mkdir(mode=0o700, parents=True, exist_ok=True)
        for stale in partial.iterdir():
            stale.unlink()
        for database in databases:
            _copy(database, partial / database.name)
        _sync(partial)
        _put(partial, target)
        _sync(target.parent)
    return [target / database.name for database in databases]


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(_connect(source, "?mode=ro")) as one, closing(_connect(target)) as other:
            one.backup(other)
            # One file, which can be carried anywhere; a relay goes back to a log when it opens it.
            other.execute("PRAGMA journal_mode = DELETE")
            found = other.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise
        raise BackupUnusable(str(error), path=source) from error
    if found != "ok":
        raise BackupUnusable(found, path=source)
    target.chmod(0o600)
    _sync(target)


def _put(partial: Path, target: Path) -> None:
    """In one step where nothing is there; a directory that is, perhaps a mount, stays."""
    if not target.exists():
        partial.rename(target)
        return
    for file in sorted(partial.iterdir()):
        file.rename(target / file.name)
    partial.rmdir()
    _sync(target)


def _connect(path: Path, query: str = "") -> sqlite3.Connection:
    uri = path.absolute().as_uri() + query
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30.0)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        raise LocalFault(f"{path}: {error.strerror}") from error
    finally:
        os.close(handle)


def _size(data: Path) -> int:
    return sum(item.stat().st_size for item in data.iterdir() if item.is_file())
