"""Two devices, a room, and a relay that keeps everything and hands it on."""

from collections.abc import Iterable

from sakya_sync.ids import AuthorId, PeerId, RoomId
from sakya_sync.replica.changes import (
    CheckpointMade,
    HeadMoved,
    OwnerMoved,
    PendingAdded,
    PendingCleared,
    RecordAcked,
    RecordKept,
    SnapshotMoved,
)
from sakya_sync.replica.replica import Kept, Replica
from sakya_sync.replica.steps import Insert, Retain
from sakya_sync.seal.chain import Head
from sakya_sync.seal.keys import EpochSecret, SigningKey
from sakya_sync.seal.ring import KeyRing

ROOM = RoomId("subject/structure")
SECRET = EpochSecret(b"e" * 32)
RING = KeyRing([(0, SECRET)])
LAPTOP, TABLET = SigningKey(b"l" * 32), SigningKey(b"t" * 32)


def replica(
    key: SigningKey = LAPTOP, peer: int = 1, kept: Kept | None = None, ring: KeyRing = RING
) -> Replica:
    return Replica(ROOM, key, PeerId(peer), ring, lambda _: True, kept or Kept())


def write(target: Replica, text: str, at: int = 0) -> None:
    with target.edit() as document:
        document.apply_steps([Retain(at), Insert(text)] if at else [Insert(text)])


def sealed(target: Replica) -> list[bytes]:
    """What the device sends now; the relay acks it."""
    target.seal(SECRET, lambda: bytes(32))
    parcels = target.parcels()
    for parcel in parcels:
        target.acked(parcel)
    return [parcel.container for parcel in parcels]


class Disk:
    """What a device has kept: everything that `changes` asked for."""

    def __init__(self) -> None:
        self._records: dict[tuple[AuthorId, int], tuple[bytes, bool]] = {}
        self._heads: dict[AuthorId, Head] = {}
        self._owners: dict[PeerId, tuple[AuthorId, int]] = {}
        self._pending: list[bytes] = []
        self._checkpoint = b""
        self._covered = 0
        self._snapshot: tuple[int, bytes] | None = None

    def keep(self, changes: Iterable[object]) -> None:
        for change in changes:
            match change:
                case PendingAdded(update):
                    self._pending.append(update)
                case PendingCleared():
                    self._pending.clear()
                case RecordKept(author, wseq, raw, acked):
                    self._records[author, wseq] = (raw, acked)
                case RecordAcked(author, wseq):
                    self._records[author, wseq] = (self._records[author, wseq][0], True)
                case HeadMoved(head):
                    self._heads[head.author] = head
                case OwnerMoved(peer, author, following):
                    self._owners[peer] = (author, following)
                case SnapshotMoved(number, head):
                    self._snapshot = (number, head)
                case CheckpointMade(snapshot):
                    self._checkpoint, self._covered = snapshot, len(self._records)
                case _:
                    raise AssertionError(change)

    def kept(self) -> Kept:
        bodies = list(self._records.values())
        return Kept(
            checkpoint=self._checkpoint,
            tail=tuple(raw for raw, _ in bodies[self._covered :]),
            pending=tuple(self._pending),
            outbox=tuple(raw for raw, acked in bodies if not acked),
            heads=tuple(self._heads.values()),
            owners=dict(self._owners),
            snapshot=self._snapshot,
        )
