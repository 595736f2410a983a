"""A relay's records in SQLite. Reads at once on the caller's thread; appends in group commits."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sakya_sync.access.heads import room_digest
from sakya_sync.errors import SakyaError
from sakya_sync.ids import AuthorId, ChainHead, DeviceId, PeerId, RoomId, SubjectId
from sakya_sync.limits import TICKET_WINDOW_SECONDS
from sakya_sync.ports import Disk
from sakya_sync.replica.changes import Change
from sakya_sync.seal.chain import Head
from sakya_sync.seal.sealed import parse
from sakya_sync.session.rooms.sealed import Admitted, Owed, reaches_past
from sakya_sync.store.database import RELAY, open_database, transaction, translated
from sakya_sync.store.disk import SYSTEM_DISK
from sakya_sync.store.group_commit import Done, GroupCommit, awaited, execute_all
from sakya_sync.store.relay.unsettled import Unsettled, read_heads, read_owners, read_unsettled
from sakya_sync.store.statements import Insertion, Statements

FILE: Final = "relay.sqlite"

SETTLE_RECORDS: Final = 8_192
"""So many records at most are read again after a crash; about a second's."""
SETTLE_SECONDS: Final = 1.0

_RECORDS: Final = Insertion("record (seq, room, author, wseq, body)", 5)


@dataclass(frozen=True, slots=True)
class StoredRoom:
    """The small things of a room."""

    number: int
    heads: tuple[Head, ...]
    owners: dict[PeerId, tuple[AuthorId, int]]
    snapshot: tuple[int, ChainHead] | None


class RelayStore:
    """See the module."""

    def __init__(
        self,
        directory: Path,
        *,
        disk: Disk = SYSTEM_DISK,
        settle_records: int = SETTLE_RECORDS,
    ) -> None:
        """Raises: DatabaseCorrupt, DiskFull, PermissionMissing, LocalFault."""
        self.path = directory / FILE
        writer = open_database(self.path, RELAY, create=True, disk=disk)
        self._reader = open_database(self.path, RELAY, disk=disk)
        try:
            self._settle_log(writer)
        except BaseException:
            writer.close()
            raise
        worker = disk.worker("group-commit")
        self._commits = GroupCommit(writer, self.path, RELAY, worker, _write)
        ((last_room, last_seq),) = self._all(
            "SELECT (SELECT coalesce(max(id), 0) FROM room), coalesce(max(seq), 0) FROM record"
        )
        self._last_room: int = last_room
        self._last_seq: int = last_seq
        self._settle_records = settle_records
        self._unsettled = Unsettled()
        self._settling: Unsettled | None = None
        self._timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Commit what is queued, then close."""
        if self._timer is not None:
            self._timer.cancel()
        self._commits.close(self._settle_last)
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
        with translated(self.path, RELAY):
            owners = read_owners(self._reader, number)
        for moved in self._moved():
            owners.update(moved.owners(number))
        return StoredRoom(
            number,
            tuple(self._heads(number).values()),
            owners,
            None if snapshot_number is None else (snapshot_number, ChainHead(snapshot_head)),
        )

    def next_room(self) -> int:
        """A number for a new room."""
        self._last_room += 1
        return self._last_room

    def digests(self, subject: SubjectId) -> dict[str, bytes]:
        """The rooms of a subject that hold a record, by the last part of their names."""
        rooms = self._all("SELECT id, name FROM room WHERE subject = ?", subject)
        return {
            name.rpartition("/")[2]: room_digest(name, heads.values())
            for number, name in rooms
            if (heads := self._heads(number))
        }

    def usage(self, subject: SubjectId) -> tuple[int, int]:
        """The bytes of a subject's records of all kinds, and the rooms that it has."""
        rooms = self._all("SELECT id, bytes FROM room WHERE subject = ?", subject)
        ((access,),) = self._all(
            "SELECT coalesce(sum(length(body)), 0) FROM access WHERE subject = ?", subject
        )
        stored = sum(size for _, size in rooms)
        stored += sum(moved.added(room) for room, _ in rooms for moved in self._moved())
        return stored + access, len(rooms)

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

    def submit(self, batch: "RelayBatch", *, independent: bool = False) -> asyncio.Future[None]:
        """Queue a batch for the next commit; done once that is durable.

        Args: independent: it builds on nothing that other batches store.
        """
        return awaited(partial(self.queue, independent=independent), batch)

    def queue(self, batch: "RelayBatch", done: Done, *, independent: bool = False) -> None:
        """The same for what need not wait."""
        if not batch.records:
            self._commits.queue(batch, done, independent=independent)
            return
        assert not independent, "records build on those before"
        self._last_seq = batch.number(self._last_seq)

        def stored(error: BaseException | None) -> None:
            if error is None:
                self._take(batch)
            done(error)

        self._commits.queue(batch, stored)

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
        return rooms, stored + sum(moved.added_all for moved in self._moved())

    def resume(self) -> None:
        """After a failed commit: the caller has forgotten what it believed stored."""
        self._commits.resume()

    # Index tables.

    def _moved(self) -> Iterable[Unsettled]:
        """What the index tables do not say yet, in its order."""
        return (self._unsettled,) if self._settling is None else (self._settling, self._unsettled)

    def _heads(self, room: int) -> dict[AuthorId, Head]:
        with translated(self.path, RELAY):
            heads = read_heads(self._reader, room)
        for moved in self._moved():
            heads.update(moved.heads(room))
        return heads

    def _take(self, batch: "RelayBatch") -> None:
        """A batch has become durable."""
        for room, changes in batch.moves:
            self._unsettled.take(room, changes)
        for _, room, _, _, body in batch.records:
            self._unsettled.grow(room, len(body))
        self._unsettled.reach(batch.last_seq, len(batch.records))
        if self._unsettled.records >= self._settle_records:
            self._settle()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._settle)

    def _settle(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._settling is None and self._unsettled.records:
            self._settling, self._unsettled = self._unsettled, Unsettled()
            batch = RelayBatch()
            batch.settles = self._settling
            self._commits.queue(batch, self._settled, independent=True)

    def _settled(self, error: BaseException | None) -> None:
        assert self._settling is not None
        if error is not None:
            # Nothing is lost, and nobody has to be told: it is tried again with what comes next.
            self._settling.add(self._unsettled)
            self._unsettled = self._settling
        self._settling = None

    def _settle_log(self, writer: sqlite3.Connection) -> None:
        with translated(self.path, RELAY):
            found = read_unsettled(writer)
            if found.records:
                with transaction(writer):
                    found.write(writer)

    def _settle_last(self, writer: sqlite3.Connection) -> None:
        # What fails here is done when the store is opened the next time.
        with suppress(SakyaError):
            self._settle_log(writer)

    # Records.

    def _after(self, room: int, after: dict[AuthorId, int]) -> Iterator[bytes]:
        found: list[tuple[int, bytes]] = []
        for author, head in self._heads(room).items():
            start = after.get(author, -1)
            if head.wseq > start:
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
        self.records: list[tuple[int, int, AuthorId, int, bytes]] = []
        """Sequence number, room, author, the author's number, body."""
        self.moves: list[tuple[int, tuple[Change, ...]]] = []
        """What the records moved, by room."""
        self.last_seq = 0
        self.settles: Unsettled | None = None
        self._snapshots: list[tuple[int, int, int, ChainHead, bool]] = []

    def __len__(self) -> int:
        return len(self.statements) + len(self.records)

    def room(self, number: int, name: RoomId, subject: SubjectId) -> None:
        """Begin a room."""
        self.add(
            "INSERT OR IGNORE INTO room (id, name, subject) VALUES (?, ?, ?)",
            number,
            name,
            subject,
        )

    def append(self, room: int, admitted: Admitted) -> None:
        """Add records to a room, and what they moved."""
        for item in admitted.appended:
            sealed = item.sealed
            if item.snapshot is not None:
                self._snapshots.append((len(self.records), room, *item.snapshot, item.current))
            self.records.append((0, room, sealed.author, sealed.wseq, sealed.raw))
        self.moves.append((room, admitted.changes))

    def number(self, last_seq: int) -> int:
        """Number the records on from the last one; the store does, when the batch is queued."""
        self.records = [(seq, *record[1:]) for seq, record in enumerate(self.records, last_seq + 1)]
        for place, room, number, head, current in self._snapshots:
            self.add(
                "UPDATE room SET snapshot_number = ?, snapshot_head = ?, "
                "snapshot_seq = iif(?, ?, snapshot_seq) WHERE id = ?",
                number,
                head,
                current,
                last_seq + 1 + place,
                room,
            )
        self.last_seq = last_seq + len(self.records)
        return self.last_seq

    def invitation_used(self, digest: bytes) -> None:
        """One use less."""
        self.add("UPDATE invitation SET uses = uses - 1 WHERE digest = ? AND uses > 0", digest)

    def access(self, subject: SubjectId, number: int, body: bytes) -> None:
        """One more access record."""
        self.add(
            "INSERT INTO access (subject, number, body) VALUES (?, ?, ?)", subject, number, body
        )

    def nonce(self, device: DeviceId, nonce: bytes, time_ms: int) -> None:
        """A ticket was used; older ones than any clock allows are forgotten."""
        self.add(
            "INSERT INTO nonce (device, nonce, time_ms) VALUES (?, ?, ?)", device, nonce, time_ms
        )
        oldest = time_ms - 4 * TICKET_WINDOW_SECONDS * 1000
        self.add("DELETE FROM nonce WHERE time_ms < ?", oldest)


def _write(connection: sqlite3.Connection, batches: Sequence[RelayBatch]) -> None:
    """What gathered for one commit: the records of all batches together."""
    execute_all(connection, batches)
    _RECORDS.execute(connection, [record for batch in batches for record in batch.records])
    for batch in batches:
        if batch.settles is not None:
            batch.settles.write(connection)
