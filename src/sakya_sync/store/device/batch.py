"""Changes that become durable together.

A batch is filled on the event loop and committed by the store's thread; until that has happened,
nothing it holds may be sent.
"""

from collections.abc import Sequence
from typing import assert_never

from sakya_sync.ids import AuthorId, FileId, PeerId
from sakya_sync.mapping.bases import Base, Earlier
from sakya_sync.mapping.guard import Held
from sakya_sync.replica.changes import (
    Change,
    CheckpointMade,
    HeadMoved,
    OwnerMoved,
    PendingAdded,
    PendingCleared,
    RecordAcked,
    RecordKept,
    SnapshotMoved,
)
from sakya_sync.seal.chain import Head
from sakya_sync.store.statements import Statements

_UPSERT_HEAD = (
    "INSERT INTO head (room, author, wseq, chain) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET wseq = excluded.wseq, chain = excluded.chain"
)
_UPSERT_OWNER = (
    "INSERT INTO owner (room, peer, author, next) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET next = excluded.next"
)
_UPSERT_BASE = (
    "INSERT OR REPLACE INTO base (file, intended, path, digest, size, mtime_ns, inode, "
    "executable, eol, bom, frontier) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Batch(Statements):
    """See the module."""

    # The subject.

    def meta(self, key: str, value: bytes) -> None:
        """Keep one named value."""
        self.add("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value)

    def access_record(self, digest: bytes, body: bytes, *, acked: bool) -> None:
        """Keep an access record; one that is held already at most becomes acked."""
        self.add(
            "INSERT INTO access (digest, body, acked) VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET acked = max(acked, excluded.acked)",
            digest,
            body,
            acked,
        )

    def attention(self, entries: Sequence[tuple[str, str]]) -> None:
        """Replace what the writer should know of: (path, reason)."""
        self.add("DELETE FROM attention")
        for path, reason in entries:
            self.add("INSERT OR IGNORE INTO attention (path, reason) VALUES (?, ?)", path, reason)

    # A room.

    def room(self, room: int, name: str) -> None:
        """Begin a room under a number that the store gave."""
        self.add("INSERT OR IGNORE INTO room (id, name) VALUES (?, ?)", room, name)

    def change(self, room: int, change: Change) -> None:
        """Whatever a replica wants made durable."""
        match change:
            case PendingAdded(update):
                self.pending(room, update)
            case PendingCleared():
                self.no_pending(room)
            case RecordKept(author, wseq, raw, acked):
                self.record(room, author, wseq, raw, acked=acked)
                if acked:
                    self.unrendered(room, waits=True)
            case RecordAcked(author, wseq):
                self.acked(room, author, wseq)
            case HeadMoved(head):
                self.head(room, head)
            case OwnerMoved(peer, author, following):
                self.owner(room, peer, author, following)
            case SnapshotMoved(number, head):
                self.snapshot(room, number, head)
            case CheckpointMade(snapshot):
                self.checkpoint(room, snapshot)
            case _:
                assert_never(change)

    def pending(self, room: int, update: bytes) -> None:
        """Keep an edit that is not sealed yet."""
        self.add("INSERT INTO pending (room, body) VALUES (?, ?)", room, update)

    def no_pending(self, room: int) -> None:
        """All edits of a room have been sealed."""
        self.add("DELETE FROM pending WHERE room = ?", room)

    def record(self, room: int, author: AuthorId, wseq: int, body: bytes, *, acked: bool) -> None:
        """Keep a sealed record, verbatim."""
        self.add(
            "INSERT INTO record (room, author, wseq, body, acked) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET acked = max(acked, excluded.acked)",
            room,
            author,
            wseq,
            body,
            acked,
        )

    def acked(self, room: int, author: AuthorId, wseq: int) -> None:
        """The relay holds that record."""
        self.add(
            "UPDATE record SET acked = 1 WHERE room = ? AND author = ? AND wseq = ?",
            room,
            author,
            wseq,
        )

    def head(self, room: int, head: Head) -> None:
        """An author's chain has come that far."""
        self.add(_UPSERT_HEAD, room, head.author, head.wseq, head.chain)

    def owner(self, room: int, peer: PeerId, author: AuthorId, following: int) -> None:
        """A peer belongs to an author, and its next counter is `following`."""
        self.add(_UPSERT_OWNER, room, str(peer), author, following)

    def holds(self, room: int, version: bytes, digest: bytes | None) -> None:
        """What the room's records amount to."""
        self.add("UPDATE room SET version = ?, digest = ? WHERE id = ?", version, digest, room)

    def unrendered(self, room: int, *, waits: bool) -> None:
        """Whether something has come that the folder does not show yet."""
        self.add("UPDATE room SET unrendered = ? WHERE id = ?", waits, room)

    def snapshot(self, room: int, number: int, head: bytes) -> None:
        """The room's current snapshot."""
        self.add(
            "UPDATE room SET snapshot_number = ?, snapshot_head = ? WHERE id = ?",
            number,
            head,
            room,
        )

    def checkpoint(self, room: int, snapshot: bytes) -> None:
        """A Loro snapshot that includes every record kept so far."""
        self.add(
            "UPDATE room SET checkpoint = ?, covered = "
            "(SELECT coalesce(max(seq), 0) FROM record WHERE room = ?) WHERE id = ?",
            snapshot,
            room,
            room,
        )

    # Files.

    def base(self, base: Base, *, intended: bool = False) -> None:
        """What disk and document agree on, or will once a file has been replaced."""
        if not intended:
            self.add("DELETE FROM base WHERE file = ? AND intended = 1", base.file)
        self.add(
            _UPSERT_BASE,
            base.file,
            intended,
            base.path,
            base.digest,
            base.size,
            base.mtime_ns,
            base.inode,
            base.executable,
            base.eol,
            base.bom,
            base.frontier,
        )

    def counted(self, digest: bytes, words: int) -> None:
        """How many words a content has."""
        self.add("INSERT OR IGNORE INTO counted (digest, words) VALUES (?, ?)", digest, words)

    def no_base(self, file: FileId) -> None:
        """The file is no longer on disk."""
        self.add("DELETE FROM base WHERE file = ?", file)
        self.add("DELETE FROM earlier WHERE file = ?", file)

    def earlier(self, file: FileId, bases: Sequence[Earlier]) -> None:
        """Replace the bases that a file had before, oldest first."""
        self.add("DELETE FROM earlier WHERE file = ?", file)
        for number, base in enumerate(bases):
            self.add(
                "INSERT INTO earlier (file, number, frontier, superseded) VALUES (?, ?, ?, ?)",
                file,
                number,
                base.frontier,
                base.superseded,
            )

    def held(self, entries: Sequence[Held]) -> None:
        """Replace what waits for the writer's word."""
        self.add("DELETE FROM held")
        for entry in entries:
            self.add(
                "INSERT INTO held (file, path, gone) VALUES (?, ?, ?)",
                entry.file,
                entry.path,
                entry.gone,
            )

    def folders(self, paths: Sequence[str]) -> None:
        """Replace the empty folders that disk and documents agree on."""
        self.add("DELETE FROM folder")
        for path in paths:
            self.add("INSERT INTO folder (path) VALUES (?)", path)
