"""What all connections of a relay share: rooms in use, fan-out, and what follows from a commit."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from secrets import randbelow

from sakya_sync.access.certificates import Revocation
from sakya_sync.access.notice import notices
from sakya_sync.access.power import Power
from sakya_sync.bus.local import LocalBus, Subscriber
from sakya_sync.errors import CertificateInvalid, SakyaError
from sakya_sync.ids import DeviceId, RoomId, SubjectId
from sakya_sync.ports import Clock
from sakya_sync.record.container import pack
from sakya_sync.relay.admission import Admission
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.metrics import Metrics
from sakya_sync.relay.plain.rooms import PlainRooms
from sakya_sync.relay.quotas import SubjectQuotas
from sakya_sync.relay.rendezvous import Rendezvous
from sakya_sync.relay.subjects import Subjects
from sakya_sync.session.rooms.access import AccessRecord
from sakya_sync.session.rooms.names import RoomName, room_id
from sakya_sync.session.rooms.sealed import Admitted, Refused, Rights, SealedRoom
from sakya_sync.store.relay.store import RelayBatch, RelayStore
from sakya_sync.wire.messages import AckStatus, Magic

Topic = tuple[Magic, RoomId]
Answer = Callable[[AckStatus], None]


class OpenRoom:
    """A sealed room in use, with its number in the store."""

    __slots__ = ("number", "sealed", "stored")

    def __init__(self, number: int, sealed: SealedRoom, *, stored: bool) -> None:
        self.number = number
        self.sealed = sealed
        self.stored = stored


class Hub:
    """See the module. Everything runs on one event loop."""

    def __init__(
        self,
        url: str,
        store: RelayStore,
        clock: Clock,
        encode: Callable[[Topic, list[bytes]], list[bytes]],
        failed: Callable[[SakyaError], None],
        config: RelayConfig,
        metrics: Metrics,
    ) -> None:
        self.store = store
        self.subjects = Subjects(store)
        self.admission = Admission(url, store, self.subjects, clock, config.registration)
        self._quotas = SubjectQuotas(config.quotas, store, clock)
        self.bus: LocalBus[Topic] = LocalBus(encode)
        self.plain: PlainRooms | None = None
        """Where the operator turned plain rooms on."""
        self.rendezvous = Rendezvous(self, clock, randbelow)
        self.revoked: Callable[[], None] = lambda: None
        self._failed = failed
        self._clock = clock
        self._metrics = metrics
        self._term = 0
        self._open: dict[RoomId, OpenRoom] = {}
        self._changed: dict[SubjectId, dict[str, Subscriber | None]] = {}
        self._pending = 0
        self._quiet: asyncio.Event | None = None

    def open(self, name: RoomName) -> OpenRoom:
        """A sealed room's state; begun in memory where the store has none."""
        found = self._open.get(name.room)
        if found is not None:
            return found
        kept = self.store.room(name.room)
        number = self.store.next_room() if kept is None else kept.number
        find = partial(self.store.record, number)
        if kept is None:
            state = SealedRoom(name.room, find=find)
        else:
            state = SealedRoom(name.room, kept.heads, kept.owners, kept.snapshot, find=find)
        room = OpenRoom(number, state, stored=kept is not None)
        self._open[name.room] = room
        return room

    def append(
        self,
        name: RoomName,
        updates: Sequence[bytes],
        device: DeviceId,
        *,
        protected: bool,
        origin: Subscriber,
        answer: Answer,
    ) -> Refused | None:
        """Take a batch into a sealed room; it is answered once it is durable, or refused."""
        members = self.subjects.members(name.subject)
        rights = Rights(
            device,
            lambda author: members.may_write(name.subject, author),
            lambda author: members.wrote_once(name.subject, author),
            protected,
        )
        room = self.open(name)
        size = sum(map(len, updates))
        too_much = self._quotas.refusal(name.subject, size, new_room=not room.stored)
        if too_much is not None:
            answer(AckStatus.RATE_LIMITED)
            return Refused(AckStatus.RATE_LIMITED, too_much)
        verdict = room.sealed.admit(updates, rights)
        if isinstance(verdict, Refused):
            answer(verdict.status)
            return verdict
        batch = RelayBatch()
        if not verdict.appended:
            # What is held may be under way to the disk: nothing is acked before it is there.
            self._commit(batch, lambda: None, answer)
            return None
        added = sum(len(item.sealed.raw) for item in verdict.appended)
        self._quotas.took(name.subject, len(verdict.appended), added, new_room=not room.stored)
        if not room.stored:
            batch.room(room.number, name.room, name.subject)
            room.stored = True
        batch.append(room.number, verdict)

        def stored() -> None:
            self.subjects.moved(name.subject, name.name, room.sealed.digest)
            update = _update(updates, verdict)
            self.bus.publish((Magic.ELO, name.room), update, origin)
            self._note(name, origin)

        self._commit(batch, stored, answer)
        return None

    def add_access(
        self, subject: SubjectId, updates: Sequence[bytes], origin: Subscriber, answer: Answer
    ) -> Refused | None:
        """Take records into an access room."""
        too_much = self._quotas.refusal(subject, sum(map(len, updates)), new_room=False)
        if too_much is not None:
            answer(AckStatus.RATE_LIMITED)
            return Refused(AckStatus.RATE_LIMITED, too_much)
        batch = RelayBatch()
        try:
            added = self.subjects.add(self.subjects.read(updates, subject), batch)
        except CertificateInvalid as error:
            answer(AckStatus.INVALID_UPDATE)
            return Refused(AckStatus.INVALID_UPDATE, error.details["detail"])
        self.store_access(batch, added, origin, answer)
        return None

    def store_access(
        self,
        batch: RelayBatch,
        added: list[AccessRecord],
        origin: Subscriber | None,
        answer: Answer,
    ) -> None:
        """Store access records that were numbered, and tell those who follow."""

        for record in added:
            self._quotas.took(record.subject, 1, len(record.body), new_room=False)

        def stored() -> None:
            for record in added:
                room = self.subjects.room(record.subject).room
                self.bus.publish((Magic.SKA, room), record.body, origin)
            if any(isinstance(record.statement, Revocation) for record in added):
                self.revoked()

        # An empty batch too: what is held may be under way to the disk.
        self._commit(batch, stored, answer)

    def power(self, subject: SubjectId, device: DeviceId) -> Power | None:
        """What a device may do with a subject now."""
        return self.subjects.members(subject).device_power(subject, device)

    def changed_rooms(self, subject: SubjectId, names: Iterable[str] | None = None) -> list[bytes]:
        """Notices of these rooms, or of all that a subject has."""
        digests = self.subjects.digests(subject)
        chosen = digests if names is None else {n: digests[n] for n in names if n in digests}
        return [notice.encode() for notice in notices(chosen.items())]

    @property
    def rooms(self) -> int:
        """The sealed rooms in use."""
        return len(self._open)

    async def settled(self, seconds: float) -> None:
        """Wait until everything that was taken in is answered, but no longer than that."""
        if self._pending:
            self._quiet = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._quiet.wait()

    def _commit(self, batch: RelayBatch, stored: Callable[[], None], answer: Answer) -> None:
        started, term = self._clock.now(), self._term

        def done(error: BaseException | None) -> None:
            self._pending -= 1
            if not self._pending and self._quiet is not None:
                self._quiet.set()
            if error is not None:
                if not isinstance(error, SakyaError):
                    # A fault, which the loop has been told of: whether it is stored is unknown.
                    return
                # A later failure in the same term tells nothing new, and what was taken in since
                # must not be forgotten with it.
                if term == self._term:
                    self._forget(error)
                answer(AckStatus.UNKNOWN)
                return
            stored()
            answer(AckStatus.OK)
            self._metrics.ack_seconds.add(self._clock.now() - started)
            self._metrics.delivered(started, self._clock.now)

        self._pending += 1
        self.store.queue(batch, done)

    def _forget(self, error: SakyaError) -> None:
        """A commit failed: what is in memory is not what is stored."""
        self._term += 1
        self._open.clear()
        self._quotas.forget()
        self.subjects.forget()
        self.store.resume()
        self._failed(error)

    def _note(self, name: RoomName, origin: Subscriber) -> None:
        if not self.bus.subscribers((Magic.SKA, self.subjects.room(name.subject).room)):
            return
        if not self._changed:
            asyncio.get_running_loop().call_soon(self._notice)
        changed = self._changed.setdefault(name.subject, {})
        # A room that two devices changed at once is news to both.
        changed[name.name] = origin if changed.get(name.name, origin) is origin else None

    def _notice(self) -> None:
        """Tell who follows a subject which of its rooms changed, unless they are in them."""
        gathered, self._changed = self._changed, {}
        for subject, rooms in gathered.items():
            topic = (Magic.SKA, self.subjects.room(subject).room)
            for subscriber in list(self.bus.subscribers(topic)):
                names = [
                    name
                    for name, origin in rooms.items()
                    if origin is not subscriber
                    and subscriber not in self.bus.subscribers((Magic.ELO, room_id(subject, name)))
                ]
                if names:
                    updates = self.changed_rooms(subject, names)
                    subscriber.push(self.bus.encode(topic, updates))


def _update(updates: Sequence[bytes], admitted: Admitted) -> bytes:
    """What subscribers get: the batch as it came where all of it was new."""
    if admitted.whole and len(updates) == 1:
        return updates[0]
    return pack([item.sealed.raw for item in admitted.appended])
