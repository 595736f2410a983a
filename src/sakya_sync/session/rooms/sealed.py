"""`%ELO` rooms at the relay: what is taken in, and what a join is owed.

Spec: docs/protocol.md#sealing and #join.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sakya_sync.access.heads import room_digest
from sakya_sync.errors import RecordError, RecordRejected
from sakya_sync.ids import AuthorId, ChainHead, DeviceId, PeerId, RoomId
from sakya_sync.record import versions
from sakya_sync.record.container import unpack
from sakya_sync.record.versions import VersionVector
from sakya_sync.replica.changes import Change
from sakya_sync.replica.ledger import Checked, Ledger, Place
from sakya_sync.seal.chain import Head, snapshot_genesis, snapshot_link
from sakya_sync.seal.sealed import Sealed, SealedDelta, SealedSnapshot, parse
from sakya_sync.wire.messages import AckStatus


@dataclass(frozen=True, slots=True)
class Rights:
    """What the relay knows of who sends and who may write."""

    device: DeviceId
    may_write: Callable[[AuthorId], bool]
    wrote_once: Callable[[AuthorId], bool]
    protected: bool
    """Whether TLS or loopback keeps others from writing into the device's connection."""


@dataclass(frozen=True, slots=True)
class Appended:
    """One record to be stored."""

    sealed: Sealed
    snapshot: tuple[int, ChainHead] | None = None
    """For one that continues the room's snapshots: its number, and the head of their chain."""
    current: bool = False
    """Whether it is also the snapshot that fresh devices are served from now on."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A batch that fits: what is new in it, and how the room has moved by it."""

    appended: tuple[Appended, ...]
    changes: tuple[Change, ...]
    whole: bool = False
    """Whether nothing in it was held before."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A batch of which nothing is stored."""

    status: AckStatus
    reason: str


class SealedRoom:
    """The state of one room; small, whatever the room holds."""

    def __init__(
        self,
        room: RoomId,
        heads: Iterable[Head] = (),
        owners: Mapping[PeerId, tuple[AuthorId, int]] | None = None,
        snapshot: tuple[int, ChainHead] | None = None,
        *,
        find: Callable[[AuthorId, int], bytes | None] = lambda _author, _wseq: None,
    ) -> None:
        """Args: find: a stored record, verbatim, by its author and number."""
        self.room = room
        self._find = find
        self._ledger = Ledger(room, heads, owners or {}, lambda _: True)
        self._snapshot = snapshot or (0, snapshot_genesis(room))

    def heads(self) -> tuple[Head, ...]:
        """How far each author's chain has come."""
        return self._ledger.heads()

    def version(self) -> VersionVector:
        """What a join is told that the room holds: every span follows on the one before."""
        return self._ledger.version()

    def digest(self) -> bytes:
        """Names what the room holds."""
        return room_digest(self.room, self._ledger.heads())

    def admit(self, updates: Sequence[bytes], rights: Rights) -> Admitted | Refused:
        """Take a batch in, all of it or nothing. Records held already are left out."""
        try:
            records = [parse(raw) for update in updates for raw in unpack(update)]
        except RecordError as error:
            return Refused(AckStatus.INVALID_UPDATE, error.details["detail"])
        ledger = self._ledger if len(records) == 1 else self._ledger.fork()
        snapshot = self._snapshot
        appended: list[Appended] = []
        changes: list[Change] = []
        for sealed in records:
            checked = self._check(ledger, sealed, rights)
            if isinstance(checked, Refused):
                return checked
            if checked is None:
                continue
            following = _following(sealed, snapshot, self.room)
            # Of heads, only those that the room is at itself have had their chains compared: a
            # snapshot with older ones is not served as the beginning of everything.
            current = following is not None and _covers(sealed, ledger)
            changes.extend(ledger.advance(checked))
            snapshot = following or snapshot
            appended.append(Appended(sealed, following, current))
        self._ledger, self._snapshot = ledger, snapshot
        return Admitted(tuple(appended), tuple(changes), len(appended) == len(records))

    def _check(self, ledger: Ledger, sealed: Sealed, rights: Rights) -> Checked | Refused | None:
        """The record checked; None when it is held already."""
        place = ledger.place(sealed)
        genesis = ledger.is_genesis_key(sealed.author)
        if place is Place.HELD:
            return self._check_held(ledger, sealed)
        own = sealed.author == AuthorId(rights.device)
        if not rights.may_write(AuthorId(rights.device)):
            return Refused(AckStatus.PERMISSION_DENIED, "the device may not write")
        if not own and not genesis and not rights.wrote_once(sealed.author):
            return Refused(AckStatus.PERMISSION_DENIED, "the author may not write")
        if place is not Place.NEXT or not _follows(ledger, sealed):
            return Refused(AckStatus.INVALID_UPDATE, "it does not follow the author's last record")
        if isinstance(sealed, SealedSnapshot) and not _within(ledger, sealed):
            return Refused(AckStatus.INVALID_UPDATE, "a snapshot of what is not stored")
        try:
            return ledger.check(sealed, signed=not (own and rights.protected))
        except RecordRejected as error:
            return Refused(AckStatus.INVALID_UPDATE, error.details["detail"])

    def _check_held(self, ledger: Ledger, sealed: Sealed) -> Refused | None:
        """Nothing is called held but the very record that is stored under its number."""
        head = ledger.head(sealed.author)
        assert head is not None
        if sealed.wseq == head.wseq:
            # The ledger has compared their chains.
            return None
        held = self._find(sealed.author, sealed.wseq)
        if held is None:
            return Refused(AckStatus.UNKNOWN, "its first copy is not stored yet")
        if held != sealed.raw:
            return Refused(AckStatus.INVALID_UPDATE, "another record has that number")
        return None


@dataclass(frozen=True, slots=True)
class Owed:
    """What a join is owed, as a question to the store."""

    after: Mapping[AuthorId, int]
    """For each author the number of the last record that is not owed; others' are owed whole."""
    snapshot_first: bool = False
    version: VersionVector | None = None
    """Where given, only records that reach past it, whoever wrote them."""


def owed(heads: Sequence[Head] | None, version: bytes) -> Owed:
    """By heads, as our own devices ask; by version, as stock clients do. Raises RecordError."""
    if heads is None:
        known = versions.decode(version) if version else versions.EMPTY
        return Owed({}, snapshot_first=not len(known), version=known)
    return Owed({head.author: head.wseq for head in heads}, snapshot_first=not heads)


def reaches_past(sealed: Sealed, version: VersionVector) -> bool:
    """Whether a record holds anything that a replica at `version` lacks."""
    match sealed:
        case SealedDelta(span=span):
            return span.end > version.get(span.peer)
        case SealedSnapshot():
            return not version.includes(sealed.version)


def _follows(ledger: Ledger, sealed: Sealed) -> bool:
    """A relay holds whole chains, so a snapshot too has to be its author's very next record."""
    number, prev = ledger.next_of(sealed.author)
    return sealed.wseq == number and sealed.prev == prev


def _within(ledger: Ledger, sealed: SealedSnapshot) -> bool:
    """Whether a snapshot claims nothing of others that the room does not hold."""
    for head in sealed.heads:
        known = ledger.head(head.author)
        if known is None or head.wseq > known.wseq:
            return False
    for peer, end in sealed.version.items():
        owner = ledger.owner(peer)
        if owner is None or end > owner[1]:
            return False
    return True


def _following(
    sealed: Sealed, snapshot: tuple[int, ChainHead], room: RoomId
) -> tuple[int, ChainHead] | None:
    """The room's snapshots with this one, if it is the next of them.

    Whether its heads are the room's is not asked: its author and all who get it live cannot know
    what the relay stored a moment before, and would go on from another chain than the relay.
    """
    number, head = snapshot
    if not isinstance(sealed, SealedSnapshot):
        return None
    if sealed.parent != head or sealed.number != number + 1:
        return None
    return sealed.number, snapshot_link(sealed.parent, sealed.digest(room))


def _covers(sealed: Sealed, before: Ledger) -> bool:
    """Whether it is a snapshot of everything that the room held before it."""
    return isinstance(sealed, SealedSnapshot) and sealed.heads == before.heads()
