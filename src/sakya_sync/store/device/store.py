"""One subject's state on this device, in SQLite, with a thread of its own."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sakya_sync.ids import AuthorId, ChainHead, FileId, PeerId, PublicKey
from sakya_sync.mapping.bases import Base, Earlier
from sakya_sync.mapping.guard import Held
from sakya_sync.ports import Disk
from sakya_sync.replica.replica import Kept
from sakya_sync.seal.chain import Head
from sakya_sync.store.database import DEVICE, open_database, transaction, translated
from sakya_sync.store.device.batch import Batch
from sakya_sync.store.disk import SYSTEM_DISK


@dataclass(frozen=True, slots=True)
class RoomRow:
    """What is known of a room without opening it."""

    number: int
    name: str
    version: bytes
    digest: bytes | None


def is_begun(path: Path, disk: Disk = SYSTEM_DISK) -> bool:
    """Whether there is a database with anything in it: making one may have been cut off.

    Raises as opening does.
    """
    if not path.exists():
        return False
    with translated(path, DEVICE):
        connection = disk.connect(path)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            return version != 0 and connection.execute("SELECT 1 FROM meta").fetchone() is not None
        finally:
            connection.close()


class DeviceStore:
    """Reads at once, on the caller's thread; writes in batches, on its own.

    SQLite serves both through one connection each, so that a read never waits for an fsync.
    """

    def __init__(self, path: Path, *, create: bool = False, disk: Disk = SYSTEM_DISK) -> None:
        """Raises: DatabaseCorrupt, DiskFull, PermissionMissing, LocalFault."""
        self.path = path
        self._writer = open_database(path, DEVICE, create=create, disk=disk)
        try:
            self._reader = open_database(path, DEVICE, disk=disk)
        except BaseException:
            self._writer.close()
            raise
        self._worker = disk.worker("device-store")
        with translated(path, DEVICE):
            row = self._reader.execute("SELECT coalesce(max(id), 0) FROM room").fetchone()
        self._last_room: int = row[0]

    def close(self) -> None:
        """Let writes under way finish, then close."""
        self._worker.shutdown(wait=True)
        self._reader.close()
        self._writer.close()

    async def commit(self, batch: Batch) -> None:
        """Make a batch durable, whole or not at all. Raises as opening does."""
        if batch:
            await asyncio.get_running_loop().run_in_executor(self._worker, self.write, batch)

    def write(self, batch: Batch) -> None:
        """The same, on the calling thread: only while nothing else uses the store."""
        with translated(self.path, DEVICE), transaction(self._writer) as connection:
            for statement in batch.statements:
                connection.execute(statement.sql, statement.parameters)

    def next_room(self) -> int:
        """A number for a new room."""
        self._last_room += 1
        return self._last_room

    def meta(self, key: str) -> bytes | None:
        """A named value."""
        rows = self._all("SELECT value FROM meta WHERE key = ?", key)
        return bytes(rows[0][0]) if rows else None

    def access_records(self) -> list[tuple[bytes, bool]]:
        """All access records with whether the relay holds them, in the order they were kept."""
        rows = self._all("SELECT body, acked FROM access ORDER BY seq")
        return [(body, bool(acked)) for body, acked in rows]

    def rooms(self) -> list[RoomRow]:
        """Every room that is kept, opened or not."""
        return [RoomRow(*row) for row in self._all("SELECT id, name, version, digest FROM room")]

    def unsent(self) -> list[str]:
        """The names of rooms with something the relay does not have yet."""
        rows = self._all(
            "SELECT name FROM room WHERE id IN "
            "(SELECT room FROM record WHERE acked = 0 UNION SELECT room FROM pending)"
        )
        return [name for (name,) in rows]

    def unrendered(self) -> list[str]:
        """The names of rooms that the folder does not show yet."""
        return [name for (name,) in self._all("SELECT name FROM room WHERE unrendered = 1")]

    def kept(self, room: int) -> Kept:
        """Everything of one room."""
        rows = self._all(
            "SELECT checkpoint, covered, snapshot_number, snapshot_head FROM room WHERE id = ?",
            room,
        )
        checkpoint, covered, number, head = rows[0] if rows else (b"", 0, None, None)
        heads = self._all("SELECT author, wseq, chain FROM head WHERE room = ?", room)
        owners = self._all("SELECT peer, author, next FROM owner WHERE room = ?", room)
        return Kept(
            checkpoint=checkpoint,
            tail=self._bodies("record WHERE room = ? AND seq > ? ORDER BY seq", room, covered),
            pending=self._bodies("pending WHERE room = ? ORDER BY seq", room),
            outbox=self._bodies("record WHERE room = ? AND acked = 0 ORDER BY seq", room),
            heads=tuple(
                Head(AuthorId(PublicKey(author)), wseq, ChainHead(chain))
                for author, wseq, chain in heads
            ),
            owners={
                PeerId(int(peer)): (AuthorId(PublicKey(author)), following)
                for peer, author, following in owners
            },
            snapshot=None if number is None else (number, head),
        )

    def records(self, room: int) -> tuple[bytes, ...]:
        """Every record of a room, to rebuild its document or to bring a relay up to date."""
        return self._bodies("record WHERE room = ? ORDER BY seq", room)

    def bases(self, *, intended: bool = False) -> dict[FileId, Base]:
        """What disk and document agree on, or what a write that was under way would have made."""
        rows = self._all(
            "SELECT file, path, digest, size, mtime_ns, inode, executable, eol, bom, frontier "
            "FROM base WHERE intended = ?",
            intended,
        )
        return {
            file: Base(file, path, digest, size, mtime, inode, bool(mode), eol, bool(bom), frontier)
            for file, path, digest, size, mtime, inode, mode, eol, bom, frontier in rows
        }

    def counted(self) -> dict[bytes, int]:
        """How many words the contents have that were counted, by digest."""
        return dict(self._all("SELECT digest, words FROM counted"))

    def earlier(self) -> dict[FileId, tuple[Earlier, ...]]:
        """The bases that files had before, oldest first."""
        found: dict[FileId, list[Earlier]] = {}
        rows = self._all("SELECT file, frontier, superseded FROM earlier ORDER BY file, number")
        for file, frontier, superseded in rows:
            found.setdefault(FileId(file), []).append(Earlier(frontier, bool(superseded)))
        return {file: tuple(bases) for file, bases in found.items()}

    def folders(self) -> frozenset[str]:
        """The empty folders that disk and documents last agreed on."""
        return frozenset(path for (path,) in self._all("SELECT path FROM folder"))

    def held(self) -> list[Held]:
        """What waits for the writer's word."""
        rows = self._all("SELECT file, path, gone FROM held ORDER BY path")
        return [Held(FileId(file), path, bool(gone)) for file, path, gone in rows]

    def attention(self) -> list[tuple[str, str]]:
        """What the writer should know of: (path, reason)."""
        return self._all("SELECT path, reason FROM attention ORDER BY path, reason")

    def _bodies(self, condition: str, *parameters: object) -> tuple[bytes, ...]:
        # The conditions are the literals above.
        return tuple(body for (body,) in self._all(f"SELECT body FROM {condition}", *parameters))  # noqa: S608

    def _all(self, sql: str, *parameters: object) -> list[tuple]:  # type: ignore[type-arg]
        with translated(self.path, DEVICE):
            return self._reader.execute(sql, parameters).fetchall()
