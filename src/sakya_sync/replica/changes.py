"""What a replica wants made durable, in order, before anything that follows from it is sent."""

from dataclasses import dataclass
from typing import TypeAlias

from sakya_sync.ids import AuthorId, PeerId
from sakya_sync.seal.chain import Head


@dataclass(frozen=True, slots=True)
class PendingAdded:
    """An edit of our own, as a plain Loro update, that is not sealed yet."""

    update: bytes


@dataclass(frozen=True, slots=True)
class PendingCleared:
    """Everything that was pending has been sealed."""


@dataclass(frozen=True, slots=True)
class RecordKept:
    """A sealed record: another's as it came, or our own from the moment it is sealed."""

    author: AuthorId
    wseq: int
    raw: bytes
    acked: bool


@dataclass(frozen=True, slots=True)
class RecordAcked:
    """The relay holds a record of the outbox."""

    author: AuthorId
    wseq: int


@dataclass(frozen=True, slots=True)
class HeadMoved:
    """An author's chain has come that far."""

    head: Head


@dataclass(frozen=True, slots=True)
class OwnerMoved:
    """A peer belongs to an author, and its next record starts there."""

    peer: PeerId
    author: AuthorId
    following: int


@dataclass(frozen=True, slots=True)
class SnapshotMoved:
    """The room's current snapshot."""

    number: int
    head: bytes


@dataclass(frozen=True, slots=True)
class CheckpointMade:
    """A Loro snapshot of the document that includes every record kept before."""

    snapshot: bytes


Change: TypeAlias = (
    PendingAdded
    | PendingCleared
    | RecordKept
    | RecordAcked
    | HeadMoved
    | OwnerMoved
    | SnapshotMoved
    | CheckpointMade
)
