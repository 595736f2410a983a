"""A relay's records in SQLite. Reads at once on the caller's thread; appends in group commits."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sakya_sync.ids import AuthorId, ChainHead, DeviceId, PeerId, PublicKey, RoomId, SubjectId
from sakya_sync.limits import TICKET_WINDOW_SECONDS
from sakya_sync.ports import Disk
from sakya_sync.replica.changes import Change, HeadMoved, OwnerMoved
from sakya_sync.seal.chain import Head
from sakya_sync.seal.sealed import parse
from sakya_sync.session.rooms.sealed import Appended, Owed, reaches_past
from sakya_sync.store.database import RELAY, open_database, translated
from sakya_sync.store.disk import SYSTEM_DISK
from sakya_sync.store.group_commit import GroupCommit
from sakya_sync.store.statements import Statements

FILE: Final = "relay.sqlite"

_HEAD = (
    "INSERT INTO head (room, author, wseq, chain) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET wseq = excluded.wseq, chain = excluded.chain"
)
_OWNER = (
    "INSERT INTO owner (room, peer, author, next) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET next = excluded.next"
)


@dataclass(frozen=True, slots=True)
class StoredRoom:
    """The small things of a room."""

    number: int
    heads: tuple[Head, ...]
    owners: dict[PeerId, tuple[AuthorId, int]]
    snapshot: tuple[int, ChainHead] | None


class RelayStore:
    """See the module."""

    def __init__(self, directory: Path, *, disk: Disk = SYSTEM_DISK) -> None:
        """Raises: DatabaseCorrupt, DiskFull, PermissionMissing, LocalFault."""
        self.path = directory / FILE
        writer = open_database(self.path, RELAY, create=True, disk=disk)
        self._reader = open_database(self.path, RELAY, disk=disk)
        self._commits = GroupCommit(writer, self.path, RELAY, disk.worker("group-commit"))
        ((last_room,),) = self._all("SELECT coalesce(max(id), 0) FROM room")
        self._last_room: int = last_room

    def close(self) -> None:
        """Commit what is queued, then close."""
        self._commits.close()
        self._reader.close()

    # Reading.

    def room(self, name: RoomId) -> StoredRoom | None:
        """A room's state, if it holds anything."""
        found = self._all(
            "SELECT id, snapshot_number, snapshot_head FROM room WHERE name = ?", name
        )
        if not found:
            return None
        ((number, snapshot_number, snapshot_head),) = found
        heads = self._all("SELECT author, wseq, chain FROM head WHERE room = ?", number)
        owners = self._all("SELECT peer, author, next FROM owner WHERE room = ?", number)
        return StoredRoom(
            number,
            tuple(Head(AuthorId(PublicKey(a)), wseq, ChainHead(c)) for a, wseq, c in heads),
            {PeerId(int(p)): (AuthorId(PublicKey(a)), following) for p, a, following in owners},
            None if snapshot_number is None else (snapshot_number, ChainHead(snapshot_head)),
        )

    def next_room(self) -> int:
        """A number for a new room."""
        self._last_room += 1
        return self._last_room

    def digests(self, subject: SubjectId) -> dict[str, bytes]:
        """The rooms of a subject that hold a record, by the last part of their names."""
        rows = self._all(
            "SELECT name, digest FROM room WHERE subject = ? AND digest IS NOT NULL", subject
        )
        return {name.rpartition("/")[2]: digest for name, digest in rows}

    def usage(self, subject: SubjectId) -> tuple[int, int]:
        """The bytes of a subject's records of all kinds, and the rooms that it has."""
        ((stored, rooms),) = self._all(
            "SELECT coalesce(sum(bytes), 0), count(*) FROM room WHERE subject = ?", subject
        )
        ((access,),) = self._all(
            "SELECT coalesce(sum(length(body)), 0) FROM access WHERE subject = ?", subject
        )
        return stored + access, rooms

    def invited(self, digest: bytes, now_ms: int) -> bool:
        """Whether an invitation may still be used."""
        sql = "SELECT 1 FROM invitation WHERE digest = ? AND uses > 0 AND expires_ms > ?"
        return bool(self._all(sql, digest, now_ms))

    def access_records(self, subject: SubjectId) -> list[bytes]:
        """A subject's access records, in their order."""
        rows = self._all("SELECT body FROM access WHERE subject = ? ORDER BY number", subject)
        return [body for (body,) in rows]

    def backfill(self, room: int, owed: Owed) -> Iterator[bytes]:
        """The records that a join is owed, in the order they were stored."""
        after = dict(owed.after)
        if owed.snapshot_first:
            snapshot = self._all(
                "SELECT body FROM record WHERE seq = (SELECT snapshot_seq FROM room WHERE id = ?)",
                room,
            )
            for (body,) in snapshot:
                sealed = parse(body)
                after.update({head.author: head.wseq for head in getattr(sealed, "heads", ())})
                after[sealed.author] = sealed.wseq
                yield body
        if after or owed.version is None or not len(owed.version):
            yield from self._after(room, after)
            return
        for (body,) in self._all("SELECT body FROM record WHERE room = ? ORDER BY seq", room):
            if reaches_past(parse(body), owed.version):
                yield body

    def record(self, room: int, author: AuthorId, wseq: int) -> bytes | None:
        """One stored record, verbatim."""
        found = self._all(
            "SELECT body FROM record WHERE room = ? AND author = ? AND wseq = ?",
            room,
            author,
            wseq,
        )
        return bytes(found[0][0]) if found else None

    def nonce_used(self, device: DeviceId, nonce: bytes) -> bool:
        """Whether a ticket with that nonce was accepted before."""
        return bool(self._all("SELECT 1 FROM nonce WHERE device = ? AND nonce = ?", device, nonce))

    # Writing.

    def submit(self, batch: Statements, *, independent: bool = False) -> asyncio.Future[None]:
        """Queue a batch for the next commit; done once that is durable.

        Args: independent: it builds on nothing that other batches store.
        """
        return self._commits.submit(batch, independent=independent)

    def watch_commits(self, committed: Callable[[float, int, bool], None]) -> None:
        """Have each commit told, on the thread that writes: seconds, batches, if it is stored."""
        self._commits.committed = committed

    @property
    def waiting(self) -> int:
        """Batches that wait for the commit under way to end."""
        return len(self._commits)

    def totals(self) -> tuple[int, int]:
        """The rooms that hold a record, and the bytes of these records."""
        ((rooms, stored),) = self._all("SELECT count(*), coalesce(sum(bytes), 0) FROM room")
        return rooms, stored

    def resume(self) -> None:
        """After a failed commit: the caller has forgotten what it believed stored."""
        self._commits.resume()

    def _after(self, room: int, after: dict[AuthorId, int]) -> Iterator[bytes]:
        known = self._all("SELECT author, wseq FROM head WHERE room = ?", room)
        found: list[tuple[int, bytes]] = []
        for author, last in known:
            start = after.get(AuthorId(PublicKey(author)), -1)
            if last > start:
                found += self._all(
                    "SELECT seq, body FROM record WHERE room = ? AND author = ? AND wseq > ?",
                    room,
                    author,
                    start,
                )
        found.sort()
        return iter([body for _, body in found])

    def _all(self, sql: str, *parameters: object) -> list[tuple]:  # type: ignore[type-arg]
        with translated(self.path, RELAY):
            return self._reader.execute(sql, parameters).fetchall()


class RelayBatch(Statements):
    """What one batch, join or introduction stores."""

    def __init__(self) -> None:
        super().__init__()
        self._added = 0

    def room(self, number: int, name: RoomId, subject: SubjectId) -> None:
        """Begin a room."""
        self.add(
            "INSERT OR IGNORE INTO room (id, name, subject) VALUES (?, ?, ?)",
            number,
            name,
            subject,
        )

    def append(self, room: int, appended: Iterable[Appended]) -> None:
        """Add records to a room."""
        for item in appended:
            sealed = item.sealed
            self._added += len(sealed.raw)
            self.add(
                "INSERT INTO record (room, author, wseq, body) VALUES (?, ?, ?, ?)",
                room,
                sealed.author,
                sealed.wseq,
                sealed.raw,
            )
            if item.snapshot is not None:
                number, head = item.snapshot
                self.add(
                    "UPDATE room SET snapshot_number = ?, snapshot_head = ?, "
                    "snapshot_seq = iif(?, last_insert_rowid(), snapshot_seq) WHERE id = ?",
                    number,
                    head,
                    item.current,
                    room,
                )

    def moved(self, room: int, changes: Iterable[Change], digest: bytes) -> None:
        """What the records that were just appended moved."""
        for change in changes:
            match change:
                case HeadMoved(head):
                    self.add(_HEAD, room, head.author, head.wseq, head.chain)
                case OwnerMoved(peer, author, following):
                    self.add(_OWNER, room, str(peer), author, following)
                case _:
                    raise AssertionError("a ledger moves heads and owners only")
        self.add(
            "UPDATE room SET digest = ?, bytes = bytes + ? WHERE id = ?", digest, self._added, room
        )
        self._added = 0

    def access(self, subject: SubjectId, number: int, body: bytes) -> None:
        """One more access record."""
        self.add(
            "INSERT INTO access (subject, number, body) VALUES (?, ?, ?)", subject, number, body
        )

    def invitation_used(self, digest: bytes) -> None:
        """One use less."""
        self.add("UPDATE invitation SET uses = uses - 1 WHERE digest = ? AND uses > 0", digest)

    def nonce(self, device: DeviceId, nonce: bytes, time_ms: int) -> None:
        """A ticket was used; older ones than any clock allows are forgotten."""
        self.add(
            "INSERT INTO nonce (device, nonce, time_ms) VALUES (?, ?, ?)", device, nonce, time_ms
        )
        oldest = time_ms - 4 * TICKET_WINDOW_SECONDS * 1000
        self.add("DELETE FROM nonce WHERE time_ms < ?", oldest)
