"""One connection at the relay: moves frames, and asks the hub."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol, assert_never

import structlog

from sakya_sync.access.payload import JoinExtra
from sakya_sync.access.power import Power
from sakya_sync.errors import IntegrityError, RecordError, SakyaError
from sakya_sync.ids import BatchId, DeviceId, RoomId
from sakya_sync.limits import UPDATE_BYTES_UNFRAGMENTED_MAX
from sakya_sync.ports import Clock, TransportClosed
from sakya_sync.record import versions
from sakya_sync.record.container import pack_all
from sakya_sync.relay.admission import Known, Refusal
from sakya_sync.relay.hub import Hub
from sakya_sync.relay.log import short
from sakya_sync.relay.plain.room import Entrance, Shut
from sakya_sync.relay.plain.rooms import PlainRooms
from sakya_sync.relay.seats import MailboxSeat, PlainSeat, SealedSeat, Seat
from sakya_sync.session.relay import BatchReceived, JoinAsked, Left, RelaySession
from sakya_sync.session.rooms.mailbox import Refusal as MailboxRefusal
from sakya_sync.session.rooms.names import RoomName, parse_room
from sakya_sync.session.rooms.plain import VersionUnknown, Welcome
from sakya_sync.session.rooms.sealed import owed
from sakya_sync.session.rooms.table import PLAIN, SEALED, Sealed, SealedPolicy
from sakya_sync.store.relay.store import RelayBatch
from sakya_sync.wire.messages import AckStatus, JoinErrorCode, Magic, Permission
from sakya_sync.wire.varint import Reader, encode_uvarint

QUEUE_BYTES_MAX: Final = 8 * 1024 * 1024
"""What may wait for a connection before it is sent no more of what others write."""
BUFFERED_BYTES_MAX: Final = 128 * 1024 * 1024
STALL_SECONDS: Final = 60.0
"""How long nothing may leave of what waits for a connection."""
OVERLOADED: Final = 1013
AGAIN_SECONDS: Final = 2.0
"""How long after a batch that could not be stored its room is to be joined again."""


class RelayTransport(Protocol):
    """A transport as the relay needs it."""

    @property
    def peer(self) -> str: ...

    @property
    def forwarded(self) -> tuple[str, ...]: ...

    @property
    def buffered_bytes(self) -> int: ...

    def stirred(self) -> bool: ...

    async def receive(self) -> bytes | str: ...

    def send(self, frames: Sequence[bytes | str]) -> None: ...

    async def drained(self) -> None: ...

    async def close(self, code: int = 1000, reason: str = "") -> None: ...

    async def ended(self) -> None: ...


class Connection:
    """See `run`."""

    def __init__(
        self,
        transport: RelayTransport,
        hub: Hub,
        clock: Clock,
        log: structlog.typing.FilteringBoundLogger,
        *,
        protected: bool,
        refused: Counter[tuple[str, str]],
        address: str,
        join_wait: Callable[[], float | None] = lambda: 0.0,
    ) -> None:
        """
        Args:
            protected: whether TLS or loopback keeps others from writing into it.
            refused: where it is counted what is refused, and why.
            address: whose attempts at mailboxes are counted together.
            join_wait: the seconds that a join has to wait; None if it is one too many.
        """
        self._transport = transport
        self._hub = hub
        self._clock = clock
        self._log = log
        self._session = RelaySession(clock.now())
        self._protected = protected
        self._join_wait = join_wait
        self._refused = refused
        self._address = address
        self._device: DeviceId | None = None
        self._seats: dict[tuple[Magic, RoomId], Seat] = {}
        self._sending = False
        self._ended = False
        self._sent_bytes = 0
        self._watching: asyncio.Task[None] | None = None
        self._behind: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._unstored: dict[tuple[Magic, RoomId], None] = {}
        self._again: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Serve until the connection ends."""
        ticker = asyncio.create_task(self._tick())
        try:
            while True:
                self._session.receive(await self._transport.receive(), self._clock.now())
                for event in self._session.events():
                    await self._handle(event)
                self._send()
                if self._transport.buffered_bytes > QUEUE_BYTES_MAX:
                    # Who does not read answers asks nothing more.
                    await self._transport.drained()
        except TransportClosed:
            pass
        finally:
            self._ended = True
            for task in (ticker, self._watching, self._behind):
                if task is not None:
                    task.cancel()
            if self._again is not None:
                self._again.cancel()
            for topic in list(self._seats):
                self._leave(topic)

    def push(self, frames: Sequence[bytes]) -> None:
        """Send frames of the fan-out; to whoever is too slow for them, nothing until it is not."""
        if self._behind is not None:
            return
        if self._transport.buffered_bytes > QUEUE_BYTES_MAX:
            for topic in self._seats:
                self._hub.bus.unsubscribe(topic, self)
            self._behind = asyncio.create_task(self._catch_up())
            return
        self._session.send_frames(frames)
        self._send_soon()

    def check_rights(self) -> None:
        """Leave the rooms that a removal has closed to this device."""
        for topic, seat in list(self._seats.items()):
            if not seat.allowed:
                self._leave(topic)
                self._session.evict(*topic, "the device was removed")
        self._send_soon()

    def suggest_rejoin(self) -> None:
        """The relay could not store something: have every room compared again."""
        for magic, room in self._seats:
            self._session.suggest_rejoin(magic, room)
        self._send_soon()

    @property
    def waiting_bytes(self) -> int:
        """What waits for the client to read it."""
        return self._transport.buffered_bytes

    async def close(self, code: int, reason: str) -> None:
        """End the connection."""
        await self._transport.close(code, reason)

    async def ended(self) -> None:
        """Wait until it is over, and what was queued has left or never will."""
        await self._transport.ended()

    async def _handle(self, event: JoinAsked | BatchReceived | Left) -> None:
        match event:
            case JoinAsked():
                if (wait := self._join_wait()) is None:
                    # To refuse the join would end it for good at a stock client.
                    self._refused["join", "too many from one address"] += 1
                    await self.close(OVERLOADED, "too many joins")
                    return
                if wait:
                    await self._clock.sleep(wait)
                await self._join(event)
            case BatchReceived(magic=magic, room=room, updates=updates, batch=batch):
                await self._take(magic, room, updates, batch)
            case Left(magic=magic, room=room):
                self._leave((magic, room))
            case _:
                assert_never(event)

    async def _join(self, asked: JoinAsked) -> None:
        magic, room = asked.magic, asked.room
        if magic is Magic.SKM:
            await self._join_mailbox(asked)
            return
        name = parse_room(magic, room)
        if name is not None:
            await self._join_sealed(asked, name, SEALED[magic])
        elif self._hub.plain is not None and magic in PLAIN:
            await self._join_plain(asked, self._hub.plain)
        else:
            self._refuse(asked, Refusal(JoinErrorCode.APP, "no such room here", "room_invalid"))

    async def _join_sealed(self, asked: JoinAsked, name: RoomName, policy: SealedPolicy) -> None:
        known = await self._identified(asked)
        if known is None:
            return
        batch = RelayBatch()
        power, introduced = self._hub.admission.introduce(name.subject, known, batch)
        if power is None:
            power = Refusal(JoinErrorCode.AUTH_FAILED, "no right to this room")
        if isinstance(power, Refusal):
            self._refuse(asked, power)
            return
        try:
            if introduced:
                stored: asyncio.Future[AckStatus] = asyncio.get_running_loop().create_future()
                self._hub.store_access(batch, introduced, None, stored.set_result)
                if await stored is not AckStatus.OK:
                    self._refuse(asked, Refusal(JoinErrorCode.UNKNOWN, "it could not be stored"))
                    return
            self._leave((asked.magic, asked.room))
            self._let_in(asked, name, policy, known, power)
        except (RecordError, SakyaError) as error:
            self._refuse(asked, Refusal(JoinErrorCode.UNKNOWN, error.message[:200]))

    async def _join_mailbox(self, asked: JoinAsked) -> None:
        known = await self._identified(asked)
        if known is None:
            return
        rendezvous, room = self._hub.rendezvous, asked.room
        found = rendezvous.join(room, known.device, asked.version, self._address)
        if isinstance(found, MailboxRefusal):
            self._refuse(asked, Refusal(JoinErrorCode.APP, "not now", found.value))
        elif isinstance(found, bytes):
            self._session.accept_join(asked.magic, room, Permission.READ, b"", found)
        else:
            plate = b"" if found.nameplate is None else encode_uvarint(found.nameplate)
            version = encode_uvarint(found.written)
            seat = MailboxSeat(rendezvous, room, known.device, self)
            if self._accept(asked, seat, Permission.WRITE, version, plate):
                self._session.send_updates(asked.magic, room, found.owed)

    async def _identified(self, asked: JoinAsked) -> Known | None:
        """Who this connection is, by a ticket now or before; None after a refusal."""
        known = await self._hub.admission.identify(
            asked.magic, asked.room, asked.payload, self._device
        )
        if isinstance(known, Refusal):
            self._refuse(asked, known)
            return None
        self._device = known.device
        return known

    def _let_in(
        self, asked: JoinAsked, name: RoomName, policy: SealedPolicy, known: Known, power: Power
    ) -> None:
        permission = Permission.WRITE if power >= policy.write else Permission.READ
        seat = SealedSeat(self._hub, asked.magic, name, policy, known.device, self._protected, self)
        match policy.treatment:
            case Sealed.ACCESS:
                self._let_in_access(asked, seat, known, permission)
            case Sealed.RECORDS:
                self._let_in_sealed(asked, seat, known, permission)
            case Sealed.RELAYED:
                self._accept(asked, seat, permission, b"", b"")

    def _let_in_access(
        self, asked: JoinAsked, seat: SealedSeat, known: Known, permission: Permission
    ) -> None:
        subject = seat.name.subject
        records = self._hub.subjects.room(subject).records
        held = Reader(asked.version, RecordError).uvarint() if asked.version else 0
        digest = self._hub.subjects.project_digest(subject)
        version = encode_uvarint(len(records))
        extra = JoinExtra(digest=digest).encode()
        if not self._accept(asked, seat, permission, version, extra):
            return
        bodies = [record.body for record in records[held:]]
        if known.payload.digest is not None and known.payload.digest != digest:
            bodies += self._hub.changed_rooms(subject)
        self._session.send_updates(asked.magic, asked.room, bodies)

    def _let_in_sealed(
        self, asked: JoinAsked, seat: SealedSeat, known: Known, permission: Permission
    ) -> None:
        question = owed(known.payload.heads, asked.version)
        room = self._hub.open(seat.name)
        version = versions.encode(room.sealed.version())
        extra = JoinExtra(heads=room.sealed.heads()).encode()
        if not self._accept(asked, seat, permission, version, extra):
            return
        records = self._hub.store.backfill(room.number, question)
        containers = pack_all(records, UPDATE_BYTES_UNFRAGMENTED_MAX)
        self._session.send_updates(asked.magic, asked.room, containers)

    async def _join_plain(self, asked: JoinAsked, plain: PlainRooms) -> None:
        topic = (asked.magic, asked.room)
        permission = plain.permission(asked.payload)
        if permission is None:
            self._leave(topic)
            self._refuse(asked, Refusal(JoinErrorCode.AUTH_FAILED, "a token is needed"))
            return
        try:
            room = plain.open(*topic)
        except IntegrityError:
            self._shut(asked, Shut.DAMAGED)
            return

        def enter(entrance: Entrance) -> None:
            self._leave(topic)
            match entrance:
                case Welcome(version=version, updates=updates):
                    seat = PlainSeat(room, permission, self)
                    if not self._ended and self._accept(asked, seat, permission, version, b""):
                        room.entered()
                        self._session.send_updates(*topic, updates)
                        self._send_soon()
                        return
                case VersionUnknown(version=version):
                    self._session.refuse_join(
                        *topic, JoinErrorCode.VERSION_UNKNOWN, receiver_version=version
                    )
                case Shut():
                    self._shut(asked, entrance)
            room.tidy()

        await room.welcome(asked.version, enter)

    def _shut(self, asked: JoinAsked, why: Shut) -> None:
        """Let nobody in: to refuse a join ends it for good at a stock client, to close does not."""
        if why is Shut.UNAVAILABLE:
            self._closing = asyncio.create_task(self._transport.close(OVERLOADED, why.value))
        else:
            self._refuse(asked, Refusal(JoinErrorCode.UNKNOWN, why.value))

    async def _take(
        self, magic: Magic, room: RoomId, updates: tuple[bytes, ...], batch: BatchId
    ) -> None:
        seat = self._seats.get((magic, room))
        answer = partial(self._answer, magic, room, batch)
        if seat is None:
            answer(AckStatus.PERMISSION_DENIED)
            return
        refused = await seat.take(updates, answer)
        if refused is not None:
            self._refused["batch", refused.status.name.lower()] += 1
            self._log.warning(
                "batch refused", room=short(room), status=int(refused.status), why=refused.reason
            )

    def _answer(self, magic: Magic, room: RoomId, batch: BatchId, status: AckStatus) -> None:
        self._session.ack(magic, room, batch, status)
        self._send_soon()
        if status in (AckStatus.UNKNOWN, AckStatus.RATE_LIMITED):
            # A stock client sends again only when it joins again. Not at once: the cause may last.
            self._unstored[magic, room] = None
            if self._again is None:
                loop = asyncio.get_running_loop()
                self._again = loop.call_later(AGAIN_SECONDS, self._suggest_again)

    def _suggest_again(self) -> None:
        self._again = None
        rooms, self._unstored = self._unstored, {}
        for magic, room in rooms:
            if (magic, room) in self._seats:
                self._session.suggest_rejoin(magic, room)
        self._send_soon()

    def _refuse(self, asked: JoinAsked, refusal: Refusal) -> None:
        self._refused["join", refusal.app_code or refusal.code.name.lower()] += 1
        self._log.warning(
            "join refused", room=short(asked.room), code=int(refusal.code), app=refusal.app_code
        )
        self._session.refuse_join(
            asked.magic, asked.room, refusal.code, refusal.message, refusal.app_code
        )

    def _accept(
        self,
        asked: JoinAsked,
        seat: Seat,
        permission: Permission,
        version: bytes,
        extra: bytes,
    ) -> bool:
        """Let the client in, unless it has left meanwhile; everything new reaches it from now."""
        topic = (asked.magic, asked.room)
        if not self._session.accept_join(*topic, permission, version, extra):
            return False
        self._seats[topic] = seat
        self._hub.bus.subscribe(topic, self)
        return True

    def _leave(self, topic: tuple[Magic, RoomId]) -> None:
        seat = self._seats.pop(topic, None)
        if seat is not None:
            self._hub.bus.unsubscribe(topic, self)
            seat.left()

    def _send_soon(self) -> None:
        """Once in this turn of the loop, however many ask."""
        if not self._sending:
            self._sending = True
            asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        self._sending = False
        frames = self._session.outgoing()
        if frames:
            self._transport.send(frames)
            self._sent_bytes += sum(map(len, frames))
            # What is still answered at the end is not waited for: nobody would end that.
            if self._watching is None and not self._ended and self._transport.buffered_bytes:
                self._watching = asyncio.create_task(self._watch())
        request = self._session.close_request()
        if request is None and self._transport.buffered_bytes > BUFFERED_BYTES_MAX:
            request = (OVERLOADED, "too slow")
        if request is not None and self._closing is None:
            self._closing = asyncio.create_task(self._transport.close(*request))

    async def _catch_up(self) -> None:
        """Once the connection has read what was queued, have every room compared again."""
        self._refused["delivery", "too slow"] += 1
        self._log.info("connection too slow", rooms=len(self._seats))
        await self._transport.drained()
        self._behind = None
        self.suggest_rejoin()

    async def _watch(self) -> None:
        """While something waits to be read: give up on a connection that reads nothing."""
        most, since = -1, self._clock.now()
        while waiting := self._transport.buffered_bytes:
            now = self._clock.now()
            if self._sent_bytes - waiting > most:
                most, since = self._sent_bytes - waiting, now
            elif now - since >= STALL_SECONDS:
                await self._transport.close(OVERLOADED, "nothing is read")
                break
            await self._clock.sleep(STALL_SECONDS / 8)
        self._watching = None

    async def _tick(self) -> None:
        while True:
            deadline = self._session.deadline()
            wait = 1.0 if deadline is None else deadline - self._clock.now()
            await self._clock.sleep(max(0.05, wait))
            if self._transport.stirred():
                self._session.heard(self._clock.now())
            self._session.tick(self._clock.now())
            self._send()
