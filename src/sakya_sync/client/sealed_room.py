"""One sealed room on this device: a replica, what is durable of it, and its way to the relay."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, assert_never

from sakya_sync.access.heads import room_digest
from sakya_sync.access.payload import JoinExtra, JoinPayload
from sakya_sync.client.link import Request
from sakya_sync.client.refusals import refusal
from sakya_sync.errors import (
    DatabaseCorrupt,
    DocumentPoisoned,
    KeyMissing,
    RelayFaulty,
    RemoteViolation,
    SakyaError,
)
from sakya_sync.ids import PeerId
from sakya_sync.limits import MERGE_WINDOW_SECONDS, UPDATE_BYTES_UNFRAGMENTED_MAX
from sakya_sync.record import versions
from sakya_sync.record.container import pack_all
from sakya_sync.replica.events import Forked, Gap, Imported, KeyWanted, Rejected
from sakya_sync.replica.outbox import Parcel
from sakya_sync.replica.replica import Replica
from sakya_sync.seal.sealed import parse
from sakya_sync.session.rooms.names import room_id
from sakya_sync.store.database import DEVICE
from sakya_sync.store.device.store import RoomRow
from sakya_sync.wire.messages import AckStatus, Magic, Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sakya_sync.client.subject_rooms import SubjectRooms
    from sakya_sync.ids import AuthorId, BatchId
    from sakya_sync.record.versions import VersionVector
    from sakya_sync.replica.document import Document
    from sakya_sync.seal.chain import Head
    from sakya_sync.seal.keys import SigningKey
    from sakya_sync.session import client as session
    from sakya_sync.store.device.batch import Batch

RANDOM_BYTES = 32
RETRY_SECONDS = 1.0
SETBACKS_TOLD_MIN = 3
GAP_SECONDS_MIN = 1.0
GAP_SECONDS_MAX = 60.0


class SealedRoom:
    """Attached to a link only while wanted; see `save` and `send` for the way out."""

    magic = Magic.ELO

    def __init__(self, rooms: SubjectRooms, row: RoomRow) -> None:
        """Raises DatabaseCorrupt, when what was kept does not fit together."""
        self.name = row.name
        self.room = room_id(rooms.subject, row.name)
        self.wanted = False
        self.live = False
        self.problem: SakyaError | None = None
        self._rooms = rooms
        self._number = row.number
        self._may_send = False
        self._target: tuple[Head, ...] = ()
        self._sent: dict[BatchId, Parcel | None] = {}
        self._again: list[bytes] = []
        self._seal_at = 0.0
        self._setbacks = 0
        self._asking = False
        self._gap_seconds = 0.0
        try:
            self.replica = Replica(
                self.room,
                rooms.identity.signing,
                self.fresh_peer(),
                rooms.access.ring,
                self._may_have_written,
                rooms.store.kept(row.number),
            )
        except (RemoteViolation, KeyMissing) as error:
            raise DatabaseCorrupt(
                error.message, path=rooms.store.path, remedy=DEVICE.remedy
            ) from error

    # The document.

    @property
    def document(self) -> Document:
        """For reading; change it through `edit`."""
        return self.replica.document

    @contextmanager
    def edit(self, *, typing: bool = False) -> Iterator[Document]:
        """Change the document.

        Args: typing: more will follow at once: wait a moment, and seal all of it as one record.
        """
        with self.replica.edit(self._rooms.stamp()) as document:
            yield document
        self._edited(typing=typing)

    def edit_at(self, frontier: bytes, change: Callable[[Document], None]) -> bytes:
        """Change the document as it was at a frontier; returns the frontier right after."""
        after = self.replica.edit_at(frontier, self.fresh_peer(), change, self._rooms.stamp())
        self._edited(typing=False)
        return after

    def begin(self, genesis_key: SigningKey, peer: PeerId, update: bytes) -> None:
        """Put a file's deterministic first record into this room, which must be empty."""
        first = self._rooms.access.first_secret()
        if first is None:
            raise KeyMissing("the project's first key")
        self.replica.begin(genesis_key, peer, update, first)
        self._rooms.begun(self.name)
        self._edited(typing=False)

    def fresh_peer(self) -> PeerId:
        """A peer id that nobody has ever written under."""
        # The greatest number is Loro's own.
        return PeerId(int.from_bytes(self._rooms.entropy.bytes(8), "little") % (2**64 - 1))

    @property
    def empty(self) -> bool:
        """Whether nothing was ever written here, as far as this device knows."""
        return not len(self.document.version())

    def version(self) -> VersionVector:
        """How far the document has come."""
        return self.document.version()

    @property
    def settled(self) -> bool:
        """Whether this device and the relay hold the same."""
        return (
            self.live
            and not self.replica.unsent
            and not self._again
            and not self._sent
            and self._has(self._target)
        )

    def want(self) -> None:
        """Join, and stay in."""
        self.wanted = True
        self._rooms.link.attach(self)

    # What the link calls.

    def request(self) -> Request:
        """Joins by the heads held, so that the relay sends what is missing, and only that."""
        self.live = False
        self._sent.clear()
        self.replica.lost()
        heads = self.replica.heads()
        version = versions.encode(self.replica.version())
        return Request(version, JoinPayload(heads=heads))

    def joined(self, permission: Permission, version: bytes, extra: bytes) -> None:  # noqa: ARG002
        """Let in; compares what both hold."""
        try:
            relay = JoinExtra.decode(extra).heads or ()
        except RemoteViolation as error:
            self.problem = error
            return
        self.live = True
        if not (isinstance(self.problem, RelayFaulty) and self.replica.unsent):
            self.problem = None
        self._may_send = permission is Permission.WRITE
        self._target = relay
        self._again = self._missing_there(relay) if self._may_send else []
        self._rooms.touch(self)
        if not relay and self.empty:
            # That nothing was ever written is news as well: it may be an empty file.
            self._rooms.imported(self.name)

    def received(self, updates: tuple[bytes, ...]) -> None:
        """Records from the relay."""
        self._take_in(lambda: self.replica.receive(updates))

    def acked(self, batch: BatchId, status: AckStatus) -> None:
        """The relay holds a parcel, or would not take it."""
        if batch not in self._sent:
            return
        parcel = self._sent.pop(batch)
        if status is AckStatus.OK:
            self._setbacks = 0
            if isinstance(self.problem, RelayFaulty):
                self.problem = None
            if parcel is not None:
                self.replica.acked(parcel)
        else:
            self._not_taken(refusal(status, self._rooms.link.url))
        self._rooms.touch(self)

    def refused(self, event: session.JoinRefused | session.Evicted) -> None:
        """Not let in, or put out."""
        self.live = False
        self._not_taken(refusal(event, self._rooms.link.url, self._rooms.clock.wall_ms()))
        self._rooms.touch(self)

    def lost(self) -> None:
        """The connection is gone."""
        self.live = False
        self._sent.clear()
        self.replica.lost()

    # What the flusher calls.

    def new_keys(self) -> None:
        """The subject's ring has grown."""
        self._take_in(lambda: self.replica.set_ring(self._rooms.access.ring))

    def save(self, batch: Batch) -> list[Parcel | bytes]:
        """Add what has to become durable, and return what may be sent once it is."""
        try:
            return self._save(batch)
        except DocumentPoisoned as error:
            self.problem = error
            return []

    def _save(self, batch: Batch) -> list[Parcel | bytes]:
        ready = self.live and self._may_send and not self._rooms.holds_back(self.name)
        if self.problem is not None or not self.replica.unacked:
            self._rooms.arrived(self.name)
        if ready and self.replica.pending and not self.replica.in_flight:
            wait = self._seal_at - self._rooms.clock.now()
            if wait > 0:
                self._rooms.later(wait, lambda: self._rooms.touch(self))
            else:
                self._seal()
        if self.replica.checkpoint_due:
            self.replica.checkpoint()
        changes = self.replica.changes()
        for change in changes:
            batch.change(self._number, change)
        if changes:
            heads = self.replica.heads()
            row = RoomRow(
                self._number,
                self.name,
                versions.encode(self.document.version()),
                room_digest(self.room, heads) if heads else None,
            )
            batch.holds(self._number, row.version, row.digest)
            self._rooms.renamed(row)
        if not ready:
            return []
        again, self._again = self._again, []
        return [*again, *self.replica.parcels()]

    def send(self, items: list[Parcel | bytes]) -> None:
        """Queue what `save` returned, unless the connection went meanwhile."""
        if not self.live:
            return
        for item in items:
            container = item if isinstance(item, bytes) else item.container
            batch = self._rooms.link.update(self, (container,))
            self._sent[batch] = None if isinstance(item, bytes) else item

    def not_sent(self, items: list[Parcel | bytes]) -> None:
        """What `save` returned cannot be sent yet: let it be returned again."""
        self._again = [item for item in items if isinstance(item, bytes)] + self._again
        for item in items:
            if isinstance(item, Parcel):
                self.replica.not_sent(item)

    def snapshot_if_due(self, *, quiet: bool) -> bool:
        """Seal a snapshot where a fresh device would be better off; whether it did."""
        secret = self._rooms.access.secret()
        if secret is None or not self.settled or not self.replica.snapshot_due(quiet=quiet):
            return False
        self.replica.snapshot(secret, self._random)
        self._rooms.touch(self)
        return True

    # Inside.

    def _edited(self, *, typing: bool) -> None:
        if not typing:
            self._seal_at = 0.0
        elif self._seal_at <= self._rooms.clock.now():
            self._seal_at = self._rooms.clock.now() + MERGE_WINDOW_SECONDS
        self._rooms.touch(self)
        if not self.wanted:
            self.want()

    def _seal(self) -> None:
        secret = self._rooms.access.secret()
        if secret is None:
            self.problem = KeyMissing("the project's current key")
            return
        self.replica.seal(secret, self._random)

    def _random(self) -> bytes:
        return self._rooms.entropy.bytes(RANDOM_BYTES)

    def _take_in(self, run: Callable[[], None]) -> None:
        """Let the replica import, and follow what came of it."""
        try:
            run()
        except DocumentPoisoned as error:
            # Not even to be rebuilt: that must not end the work on all other rooms.
            self.problem = error
        for event in self.replica.events():
            match event:
                case Imported():
                    self._gap_seconds = 0.0
                    self._rooms.imported(self.name)
                case Gap():
                    self._ask_for_gap()
                case KeyWanted():
                    self.problem = self.problem or KeyMissing("what another device wrote")
                case Rejected(reason=reason):
                    self._rooms.rejected(self.name, reason)
                case Forked():
                    self._rooms.rejected(self.name, "an author wrote two histories")
                case _:
                    assert_never(event)
        if isinstance(self.problem, KeyMissing) and self._has(self._target):
            self.problem = None
        self._rooms.touch(self)

    def _not_taken(self, refused: SakyaError) -> None:
        if isinstance(refused, RelayFaulty):
            # It may be over in a moment, so that nobody need hear of it: compare anew then.
            self._setbacks += 1
            self._rooms.later(RETRY_SECONDS, lambda: self._rooms.link.rejoin(self))
            if self._setbacks < SETBACKS_TOLD_MIN:
                return
        self.problem = refused

    def _ask_for_gap(self) -> None:
        """Have the relay send what is missing: at once, then ever more rarely if it does not."""
        if self._asking:
            return
        self._asking = True
        self._rooms.later(self._gap_seconds, self._rejoin)
        self._gap_seconds = min(max(GAP_SECONDS_MIN, 2 * self._gap_seconds), GAP_SECONDS_MAX)

    def _rejoin(self) -> None:
        self._asking = False
        if self.live:
            self._rooms.link.rejoin(self)

    def _has(self, heads: tuple[Head, ...]) -> bool:
        held = {head.author: head.wseq for head in self.replica.heads()}
        return all(held.get(head.author, -1) >= head.wseq for head in heads)

    def _missing_there(self, relay: tuple[Head, ...]) -> list[bytes]:
        """Records that the relay lacks though it once had them: it was restored, or is new."""
        there = {head.author: head.wseq for head in relay}
        outbox = set(self._rooms.store.kept(self._number).outbox)
        behind = {
            head.author for head in self.replica.heads() if there.get(head.author, -1) < head.wseq
        }
        if not behind:
            return []
        lacking = [
            raw
            for raw in self._rooms.store.records(self._number)
            if raw not in outbox
            and (sealed := parse(raw)).author in behind
            and sealed.wseq > there.get(sealed.author, -1)
        ]
        return pack_all(lacking, UPDATE_BYTES_UNFRAGMENTED_MAX)

    def _may_have_written(self, author: AuthorId) -> bool:
        return self._rooms.trust.members.wrote_once(self._rooms.subject, author)
