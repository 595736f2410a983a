"""The plain rooms of a relay in SQLite. Reads at once on the caller's thread; group commits."""

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from sakya_sync.ids import RoomId
from sakya_sync.session.rooms.plain import Entry
from sakya_sync.store.database import PLAIN, open_database, translated
from sakya_sync.store.disk import SYSTEM_DISK
from sakya_sync.store.group_commit import GroupCommit, execute_all
from sakya_sync.store.statements import Insertion, Statements
from sakya_sync.wire.messages import Magic

FILE: Final = "plain.sqlite"
_ENTRIES: Final = Insertion("entry (room, number, body)", 3)


class PlainStore:
    """See the module."""

    def __init__(self, directory: Path) -> None:
        """Raises: DatabaseCorrupt, DiskFull, PermissionMissing, LocalFault."""
        self.path = directory / FILE
        writer = open_database(self.path, PLAIN, create=True)
        self._reader = open_database(self.path, PLAIN)
        worker = SYSTEM_DISK.worker("plain-group-commit")
        self._commits = GroupCommit(writer, self.path, PLAIN, worker, _write)
        ((last_room,),) = self._all("SELECT coalesce(max(id), 0) FROM room")
        self._last_room: int = last_room

    def close(self) -> None:
        """Commit what is queued, then close."""
        self._commits.close()
        self._reader.close()

    def room(self, magic: Magic, name: RoomId) -> int | None:
        """A room's number, if it holds anything."""
        found = self._all("SELECT id FROM room WHERE magic = ? AND name = ?", _text(magic), name)
        return found[0][0] if found else None

    def next_room(self) -> int:
        """A number for a new room."""
        self._last_room += 1
        return self._last_room

    def entries(self, room: int) -> Iterator[Entry]:
        """What is kept of a room, in order."""
        rows = self._all(
            "SELECT number, body, retired_ms FROM entry WHERE room = ? ORDER BY number", room
        )
        for number, body, retired in rows:
            yield Entry(number, body, retired is not None)

    def bodies(self, room: int, numbers: Iterable[int]) -> Iterator[bytes]:
        """Entries by their numbers, in order; those that are not stored yet are left out."""
        wanted = frozenset(numbers)
        if not wanted:
            return
        rows = self._all(
            "SELECT number, body FROM entry WHERE room = ? AND number BETWEEN ? AND ? "
            "ORDER BY number",
            room,
            min(wanted),
            max(wanted),
        )
        for number, body in rows:
            if number in wanted:
                yield body

    def marks(self, room: int) -> list[bytes]:
        """What a room has to remember."""
        return [mark for (mark,) in self._all("SELECT mark FROM mark WHERE room = ?", room)]

    def submit(self, batch: "PlainBatch") -> asyncio.Future[None]:
        """Queue a batch for the next commit; done once that is durable."""
        return self._commits.submit(batch)

    def resume(self) -> None:
        """After a failed commit: the caller has forgotten what it believed stored."""
        self._commits.resume()

    def _all(self, sql: str, *parameters: object) -> list[tuple]:  # type: ignore[type-arg]
        with translated(self.path, PLAIN):
            return self._reader.execute(sql, parameters).fetchall()


class PlainBatch(Statements):
    """What one batch stores, or one condensation."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[tuple[int, int, bytes]] = []
        """Room, number, body; they are there before the statements are executed."""

    def room(self, number: int, magic: Magic, name: RoomId) -> None:
        """Begin a room."""
        self.add(
            "INSERT OR IGNORE INTO room (id, magic, name) VALUES (?, ?, ?)",
            number,
            _text(magic),
            name,
        )

    def put(self, room: int, number: int, body: bytes) -> None:
        """One more entry."""
        self.entries.append((room, number, body))

    def retire(self, room: int, numbers: Iterable[int], now_ms: int) -> None:
        """Begin the grace period of entries."""
        for number in numbers:
            self.add(
                "UPDATE entry SET retired_ms = ? WHERE room = ? AND number = ?",
                now_ms,
                room,
                number,
            )

    def drop(self, room: int, numbers: Iterable[int]) -> None:
        """Remove entries."""
        for number in numbers:
            self.add("DELETE FROM entry WHERE room = ? AND number = ?", room, number)

    def replace(self, room: int, number: int, body: bytes) -> None:
        """One entry in place of all before it."""
        self.add("DELETE FROM entry WHERE room = ? AND number < ?", room, number)
        self.put(room, number, body)

    def mark(self, room: int, marks: Iterable[bytes]) -> None:
        """What a room has to remember."""
        for mark in marks:
            self.add("INSERT OR IGNORE INTO mark (room, mark) VALUES (?, ?)", room, mark)

    def sweep(self, before_ms: int) -> None:
        """Remove what was retired before a time."""
        self.add("DELETE FROM entry WHERE retired_ms < ?", before_ms)


def _write(connection: sqlite3.Connection, batches: Sequence[PlainBatch]) -> None:
    """What gathered for one commit: the entries of all batches together."""
    _ENTRIES.execute(connection, [entry for batch in batches for entry in batch.entries])
    execute_all(connection, batches)


def _text(magic: Magic) -> str:
    return magic.value.decode()
