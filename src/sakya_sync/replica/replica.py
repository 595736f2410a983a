"""One room on one device: edits in, sealed records out; sealed records in, a document out.

Nothing here waits or is durable by itself. `changes` tells what to write down, in order; only when
that has been done may what `parcels` gave before it be sent. Own edits are *pending* (plain
updates) until they are sealed, so that everything typed while offline, or while a batch was under
way, leaves as one record.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sakya_sync.errors import (
    KeyMissing,
    RecordError,
    RecordRejected,
    RemoteViolation,
    UpdateInvalid,
)
from sakya_sync.ids import AuthorId, ChainHead, KeyId, PeerId, RoomId
from sakya_sync.limits import (
    CHECKPOINT_RECORDS,
    GAP_RECORDS_MAX,
    SEEN_MAX,
    SNAPSHOT_DELTA_BYTES_MIN,
    SNAPSHOT_RECORDS,
    UPDATE_BYTES_UNFRAGMENTED_MAX,
)
from sakya_sync.record.container import unpack
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.replica.changes import (
    Change,
    CheckpointMade,
    PendingAdded,
    PendingCleared,
    RecordAcked,
    RecordKept,
    SnapshotMoved,
)
from sakya_sync.replica.commits import Stamp
from sakya_sync.replica.document import Document, spans_of
from sakya_sync.replica.events import Event, Forked, Gap, Imported, KeyWanted, Rejected
from sakya_sync.replica.ledger import Checked, Ledger, Place
from sakya_sync.replica.outbox import Outbox, Parcel
from sakya_sync.seal.chain import (
    SNAPSHOT_NUMBER_MAX,
    Head,
    snapshot_genesis,
    snapshot_link,
)
from sakya_sync.seal.keys import EpochSecret, SigningKey
from sakya_sync.seal.opener import open_sealed
from sakya_sync.seal.ring import KeyRing
from sakya_sync.seal.sealed import Sealed, SealedDelta, SealedSnapshot, parse
from sakya_sync.seal.sealer import seal_delta, seal_snapshot


@dataclass(frozen=True, slots=True)
class Kept:
    """What a device has kept of a room: everything that `changes` ever asked for."""

    checkpoint: bytes = b""
    tail: tuple[bytes, ...] = ()
    """Records since the checkpoint, in the order they were kept."""
    pending: tuple[bytes, ...] = ()
    outbox: tuple[bytes, ...] = ()
    heads: tuple[Head, ...] = ()
    owners: Mapping[PeerId, tuple[AuthorId, int]] = field(default_factory=dict)
    snapshot: tuple[int, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A checked record, and the plain update that was in it."""

    sealed: Sealed
    update: bytes


class Replica:
    """See the module."""

    def __init__(
        self,
        room: RoomId,
        device: SigningKey,
        peer: PeerId,
        ring: KeyRing,
        may_have_written: Callable[[AuthorId], bool],
        kept: Kept,
    ) -> None:
        """
        Args:
            peer: fresh for this session: two sessions must never write under one.
            may_have_written: whether records of an author can be genuine, made before a removal if
                not now.

        Raises: UpdateInvalid, when what was kept is damaged.
        """
        self.room = room
        self.ring = ring
        self._device = device
        self._author = AuthorId(device.public)
        self._ledger = Ledger(room, kept.heads, kept.owners, may_have_written)
        self._snapshot = (
            (0, snapshot_genesis(room))
            if kept.snapshot is None
            else (kept.snapshot[0], ChainHead(kept.snapshot[1]))
        )
        self._own_snapshot: SealedSnapshot | None = None
        self._outbox = Outbox()
        self._changes: list[Change] = []
        self._events: list[Event] = []
        self._ahead: dict[tuple[AuthorId, int], Sealed] = {}
        self._locked: dict[KeyId, list[Sealed]] = {}
        self._witnessed: dict[AuthorId, None] = {}
        self._own_peers: dict[PeerId, int] = {}
        self._pending = False
        self._since_checkpoint = len(kept.tail)
        self._tail_records = 0
        self._tail_bytes = 0
        self._snapshot_bytes = 0
        self.document = Document(peer, kept.checkpoint)
        self._restore(kept)

    # What it holds.

    def heads(self) -> tuple[Head, ...]:
        """How far each author's chain has come here, the outbox included."""
        return self._ledger.heads()

    def author_of(self, peer: PeerId) -> AuthorId | None:
        """Whose a peer is; None for this session's own peers that have no record yet."""
        owner = self._ledger.owner(peer)
        return None if owner is None else owner[0]

    def version(self) -> VersionVector:
        """How far the records held reach, pending edits not included."""
        return self._ledger.version()

    @property
    def pending(self) -> bool:
        """Whether edits wait to be sealed."""
        return self._pending

    @property
    def in_flight(self) -> bool:
        """Whether records were sent and are not acked."""
        return self._outbox.in_flight

    @property
    def unacked(self) -> bool:
        """Whether records wait for the relay to hold them."""
        return bool(self._outbox)

    @property
    def unsent(self) -> bool:
        """Whether the relay lacks anything that was written here."""
        return self._pending or self.unacked

    def changes(self) -> list[Change]:
        """What has to become durable now; forgets it."""
        taken, self._changes = self._changes, []
        return taken

    def events(self) -> list[Event]:
        """What has happened; forgets it."""
        taken, self._events = self._events, []
        return taken

    # Writing.

    @contextmanager
    def edit(self, stamp: Stamp | None = None) -> Iterator[Document]:
        """Change the document; what was changed is pending when the block ends.

        Args: stamp: when this is, for the history.
        """
        try:
            with self.document.edit(stamp):
                yield self.document
        finally:
            self._note_own()

    def edit_at(
        self,
        frontier: bytes,
        peer: PeerId,
        change: Callable[[Document], None],
        stamp: Stamp | None = None,
    ) -> bytes:
        """Change the document as it was at a frontier; returns the frontier right after.

        Args:
            peer: a fresh one.
            stamp: when this is, for the history.

        Raises: UpdateInvalid for a frontier of another document.
        """
        after = self.document.edit_at(frontier, peer, change, stamp)
        self._note_own()
        return after

    def begin(
        self, genesis_key: SigningKey, peer: PeerId, update: bytes, first: EpochSecret
    ) -> None:
        """Put a file's deterministic first record into an empty room.

        Args:
            update: `genesis_update` of that peer.
            first: the secret of epoch 0, which every device that may import files has.
        """
        author = AuthorId(genesis_key.public)
        number, prev = self._ledger.next_of(author)
        assert number == 0
        (span,) = spans_of(update)
        assert span.peer == peer
        sealed = seal_delta(
            first, self.room, genesis_key, 0, prev, span, update, random=bytes(32), compress=False
        )
        self._keep_own(sealed)
        self.document.import_update(update)

    def seal(self, secret: EpochSecret, random: Callable[[], bytes]) -> None:
        """Seal everything pending, one record for each peer it was written under.

        Args: random: 32 new bytes at each call.
        """
        version = self.document.version()
        for peer, sealed_to in list(self._own_peers.items()):
            end = version.get(peer)
            if end <= sealed_to:
                continue
            # Taken only where a record carries it: what is taken is not attested again.
            seen = self._seen()
            span = Span(peer, sealed_to, end)
            number, prev = self._ledger.next_of(self._author)
            self._keep_own(
                seal_delta(
                    secret,
                    self.room,
                    self._device,
                    number,
                    prev,
                    span,
                    self.document.export_span(span),
                    seen,
                    random=random(),
                )
            )
            self._own_peers[peer] = end
        if self._pending:
            self._pending = False
            self._changes.append(PendingCleared())

    # The relay's side.

    def parcels(self) -> list[Parcel]:
        """What is to be sent now, and counts as sent from here on."""
        return self._outbox.take(UPDATE_BYTES_UNFRAGMENTED_MAX)

    def acked(self, parcel: Parcel) -> None:
        """The relay holds a parcel."""
        for author, wseq in self._outbox.acked(parcel.records):
            self._settle(author, wseq)

    def not_sent(self, parcel: Parcel) -> None:
        """A parcel could not be sent: it is in `parcels` again."""
        self._outbox.put_back(parcel.records)

    def lost(self) -> None:
        """The connection is gone; what was not acked is sent again, verbatim."""
        self._outbox.lost()

    def receive(self, containers: Sequence[bytes]) -> None:
        """Take in what the relay sent. Never raises for what is in it: see `events`."""
        opened: list[Opened] = []
        for container in containers:
            try:
                records = unpack(container)
            except RecordError as error:
                self._reject(None, error)
                continue
            for raw in records:
                try:
                    self._take(parse(raw), opened)
                except RecordError as error:
                    self._reject(None, error)
        self._import(opened)

    def set_ring(self, ring: KeyRing) -> None:
        """More keys have come; open what waited for them."""
        self.ring = ring
        opened: list[Opened] = []
        for key_id in [key for key in self._locked if key in ring]:
            for sealed in self._locked.pop(key_id):
                self._take(sealed, opened)
        self._import(opened)

    # Snapshots and checkpoints.

    @property
    def checkpoint_due(self) -> bool:
        """Whether opening this room again would read many records."""
        return self._since_checkpoint >= CHECKPOINT_RECORDS and not self.document.waits

    def checkpoint(self) -> None:
        """Make opening this room quick again."""
        self._since_checkpoint = 0
        self._changes.append(CheckpointMade(self.document.rebase()))

    def snapshot_due(self, *, quiet: bool) -> bool:
        """Whether a fresh device would be better off with a new snapshot of the room.

        A busy room gets one for every SNAPSHOT_RECORDS records or for as many bytes as two
        snapshots; a quiet one as soon as its tail is a tenth of it.
        """
        if self.unsent or self._ahead or self._locked or self.document.waits:
            return False
        if quiet and self._tail_records > 1:
            return self._tail_bytes * 10 >= max(self._snapshot_bytes, SNAPSHOT_DELTA_BYTES_MIN)
        return self._tail_records >= SNAPSHOT_RECORDS or self._tail_bytes >= max(
            SNAPSHOT_DELTA_BYTES_MIN * 2, 2 * self._snapshot_bytes
        )

    def snapshot(self, secret: EpochSecret, random: Callable[[], bytes]) -> None:
        """Seal the whole document as one record, which covers all before it."""
        number, parent = self._snapshot
        heads = self.heads()
        index = {head.author: place for place, head in enumerate(heads)}
        version = self.document.version()
        by_text = sorted((str(peer).encode(), peer) for peer, _ in version.items())
        owners = [index[self._owner_of(peer)] for _, peer in by_text]
        wseq, prev = self._ledger.next_of(self._author)
        self._keep_own(
            seal_snapshot(
                secret,
                self.room,
                self._device,
                wseq,
                prev,
                version,
                owners,
                heads,
                number + 1,
                parent,
                self.document.export_snapshot(),
                random=random(),
            )
        )

    # Inside.

    def _restore(self, kept: Kept) -> None:
        for raw in kept.tail:
            sealed = parse(raw)
            secret = self.ring.by_id(sealed.key_id)
            if secret is None:
                raise KeyMissing("a record that was opened before")
            payload = open_sealed(sealed, secret, self.room).payload
            try:
                self.document.import_update(payload)
            except UpdateInvalid as error:
                # It was kept before anyone knew that Loro cannot take it in.
                self._reject(sealed, error)
            self._count(sealed)
        for raw in kept.outbox:
            self._queue(parse(raw))
        for update in kept.pending:
            self.document.import_update(update)
            for span in spans_of(update):
                owner = self._ledger.owner(span.peer)
                self._own_peers[span.peer] = 0 if owner is None else owner[1]
        self._pending = bool(kept.pending)

    def _note_own(self) -> None:
        """Make what was just written pending."""
        for written in self.document.written():
            for span in written.spans:
                self._own_peers.setdefault(span.peer, span.start)
            self._pending = True
            self._changes.append(PendingAdded(written.update))

    def _keep_own(self, sealed: Sealed) -> None:
        checked = Checked(sealed, Head(sealed.author, sealed.wseq, sealed.chain(self.room)))
        self._changes.append(RecordKept(sealed.author, sealed.wseq, sealed.raw, acked=False))
        self._changes.extend(self._ledger.advance(checked))
        self._queue(sealed)
        self._after(checked)

    def _queue(self, sealed: Sealed) -> None:
        self._outbox.put(sealed)
        if isinstance(sealed, SealedSnapshot):
            self._own_snapshot = sealed

    def _take(self, sealed: Sealed, opened: list[Opened]) -> None:
        """Check one record and open it; then whatever waited for it."""
        following: Sealed | None = sealed
        while following is not None:
            current = following
            try:
                payload = self._open(current)
            except RecordRejected as error:
                self._reject(current, error)
                return
            if payload is None:
                return
            opened.append(Opened(current, payload))
            following = self._ahead.pop((current.author, current.wseq + 1), None)

    def _open(self, sealed: Sealed) -> bytes | None:
        """The update in a record that is to be imported now. Raises RecordRejected."""
        match self._ledger.place(sealed):
            case Place.HELD:
                for author, wseq in self._outbox.acked([(sealed.author, sealed.wseq)]):
                    self._settle(author, wseq)
                return None
            case Place.FORKED:
                self._events.append(Forked(sealed.author))
                raise RecordRejected("its author has written another history")
            case Place.AHEAD:
                if len(self._ahead) < GAP_RECORDS_MAX:
                    self._ahead[sealed.author, sealed.wseq] = sealed
                self._events.append(Gap(sealed.author))
                return None
            case Place.NEXT:
                pass
        checked = self._ledger.check(sealed)
        secret = self.ring.by_id(sealed.key_id)
        if secret is None:
            self._locked.setdefault(sealed.key_id, []).append(sealed)
            self._events.append(KeyWanted(sealed.key_id))
            return None
        payload = open_sealed(sealed, secret, self.room).payload
        if isinstance(sealed, SealedDelta) and _spans(payload) != (sealed.span,):
            raise RecordRejected("it holds other operations than it says")
        self._changes.append(RecordKept(sealed.author, sealed.wseq, sealed.raw, acked=True))
        self._changes.extend(self._ledger.advance(checked))
        self._witnessed[sealed.author] = None
        self._after(checked)
        if isinstance(sealed, SealedSnapshot):
            self._adopt(sealed)
        return payload

    def _after(self, checked: Checked) -> None:
        """What follows from a record having been taken in, whoever made it."""
        sealed = checked.sealed
        self._since_checkpoint += 1
        self._count(sealed)

    def _settle(self, author: AuthorId, wseq: int) -> None:
        """The relay holds a record of the outbox."""
        self._changes.append(RecordAcked(author, wseq))
        own = self._own_snapshot
        if own is not None and (own.author, own.wseq) == (author, wseq):
            self._own_snapshot = None
            self._adopt(own)

    def _adopt(self, sealed: SealedSnapshot) -> None:
        """Follow the relay in which snapshot is the room's: of two with one parent, the first.

        Our own counts from its ack on, since another's may have been stored before it.
        """
        number, head = self._snapshot
        follows = sealed.parent == head and sealed.number == number + 1
        # A fresh device begins with whichever is served; but nothing could follow the last number.
        if follows or (number == 0 and 1 < sealed.number < SNAPSHOT_NUMBER_MAX):
            moved = snapshot_link(sealed.parent, sealed.digest(self.room))
            self._snapshot = (sealed.number, moved)
            self._changes.append(SnapshotMoved(sealed.number, moved))

    def _count(self, sealed: Sealed) -> None:
        if isinstance(sealed, SealedSnapshot):
            self._tail_records = self._tail_bytes = 0
            self._snapshot_bytes = len(sealed.raw)
        else:
            self._tail_records += 1
            self._tail_bytes += len(sealed.raw)

    def _import(self, opened: list[Opened]) -> None:
        """Merge opened updates; one that Loro refuses keeps no other from being merged."""
        if not opened:
            return
        before = self.document.version()
        try:
            self.document.import_all([item.update for item in opened])
        except UpdateInvalid:
            for item in opened:
                try:
                    self.document.import_update(item.update)
                except UpdateInvalid as error:
                    self._reject(item.sealed, error)
        if self.document.version() != before:
            self._events.append(Imported())

    def _reject(self, sealed: Sealed | None, error: RemoteViolation) -> None:
        author = None if sealed is None else sealed.author
        wseq = None if sealed is None else sealed.wseq
        self._events.append(Rejected(author, wseq, error.details["detail"]))

    def _seen(self) -> tuple[Head, ...]:
        """Heads of others that came since this device's last record: what it now attests."""
        self._witnessed.pop(self._author, None)
        authors = sorted(self._witnessed)[:SEEN_MAX]
        for author in authors:
            del self._witnessed[author]
        heads = [self._ledger.head(author) for author in authors]
        return tuple(head for head in heads if head is not None)

    def _owner_of(self, peer: PeerId) -> AuthorId:
        owner = self._ledger.owner(peer)
        assert owner is not None, "every operation came in a record"
        return owner[0]


def _spans(payload: bytes) -> tuple[Span, ...]:
    try:
        return spans_of(payload)
    except UpdateInvalid:
        raise RecordRejected("it holds no update") from None
