"""One device's connection to a relay, kept up for as long as it is wanted.

The link moves bytes between the session and the transport, and hands events to the rooms that are
attached to it. It decides nothing: the session's table does.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, assert_never

from sakya_sync.access.payload import JoinPayload
from sakya_sync.access.tickets import NONCE_BYTES, sign_ticket
from sakya_sync.client.refusals import CLOCK_SKEW
from sakya_sync.client.waiting import set_or_after
from sakya_sync.errors import RelayUnreachable, SakyaError
from sakya_sync.ids import BatchId, RoomId
from sakya_sync.ports import Clock, Connector, Entropy, Transport, TransportClosed
from sakya_sync.seal.keys import SigningKey
from sakya_sync.session import client as session
from sakya_sync.wire.messages import AckStatus, JoinErrorCode, Magic, Permission


@dataclass(frozen=True, slots=True)
class Request:
    """What a room asks for when it joins; the link adds the ticket."""

    version: bytes
    payload: JoinPayload


class Attached(Protocol):
    """A room as its link sees it. No method may raise, block, or call the link back."""

    magic: Magic
    room: RoomId

    def request(self) -> Request:
        """What to join with, now."""

    def joined(self, permission: Permission, version: bytes, extra: bytes) -> None:
        """The relay let us in; the backfill follows."""

    def received(self, updates: tuple[bytes, ...]) -> None:
        """Updates from the relay: backfill or live."""

    def acked(self, batch: BatchId, status: AckStatus) -> None:
        """The relay's answer to a batch."""

    def refused(self, event: session.JoinRefused | session.Evicted) -> None:
        """The relay does not let us in, or not any longer."""

    def lost(self) -> None:
        """The connection is gone; what was not acked will have to be sent again."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """What a person may want to know of the connection."""

    online: bool
    problem: SakyaError | None = None


class Link:
    """See `run`. Everything happens on one event loop."""

    def __init__(
        self,
        url: str,
        device: SigningKey,
        *,
        connector: Connector,
        clock: Clock,
        entropy: Entropy,
        invitation: bytes | None = None,
    ) -> None:
        """
        Args:
            url: the relay's public URL, which tickets are made out to.
            invitation: what the relay's operator gave out, for one that asks for it.
        """
        self.url = url
        self.state = LinkState(online=False)
        self.changed: Callable[[], None] = lambda: None
        self._device = device
        self._connector = connector
        self._clock = clock
        self._entropy = entropy
        self._invitation = invitation
        self._rooms: dict[tuple[Magic, RoomId], Attached] = {}
        self._transport: Transport | None = None
        self._proven = False
        self._proof: Attached | None = None
        self._gave_up = False
        self._wake = asyncio.Event()
        self._batches = int.from_bytes(entropy.bytes(6), "little")
        self._session = session.ClientSession(dice=self._dice)

    @property
    def online(self) -> bool:
        """Whether there is a connection."""
        return self._transport is not None

    def attach(self, room: Attached) -> None:
        """Join a room, now and after each reconnection."""
        self._rooms[room.magic, room.room] = room
        if self._transport is not None:
            self._join(room)
            self._send()

    def detach(self, room: Attached) -> None:
        """Leave a room."""
        if self._rooms.pop((room.magic, room.room), None) is not None and self._transport:
            self._session.leave(room.magic, room.room)
            self._send()

    def rejoin(self, room: Attached) -> None:
        """Join once more, with what is held now: something is missing."""
        if self._transport is not None:
            self._join(room)
            self._send()

    def update(self, room: Attached, updates: tuple[bytes, ...]) -> BatchId:
        """Queue one batch; call `flush` when all are queued."""
        self._batches = (self._batches + 1) % 2**64
        batch = BatchId(self._batches.to_bytes(8, "little"))
        self._session.update(room.magic, room.room, updates, batch, self._clock.now())
        return batch

    @property
    def clock(self) -> Clock:
        """The clock that its deadlines go by."""
        return self._clock

    def wall_ms(self) -> int:
        """This device's time, for comparing with the relay's."""
        return self._clock.wall_ms()

    def flush(self) -> None:
        """Send what is queued."""
        self._send()

    async def run(self) -> None:
        """Connect, talk, and connect again with backoff, until cancelled."""
        while True:
            await self._until_connect()
            try:
                transport = await self._connector.connect(self.url)
            except RelayUnreachable as error:
                self._failed(error)
                continue
            try:
                await self._talk(transport)
            finally:
                await transport.close()

    async def _until_connect(self) -> None:
        """Wait for the session to say that it is time."""
        self._session.start()
        while True:
            if any(isinstance(event, session.Connect) for event in self._session.events()):
                return
            deadline = self._session.deadline()
            if deadline is not None:
                await self._clock.sleep(max(0.0, deadline - self._clock.now()))
            self._session.tick(self._clock.now())

    async def _talk(self, transport: Transport) -> None:
        self._transport = transport
        self._proven = self._gave_up = False
        self._session.opened(self._clock.now())
        # Access rooms first: what they introduce is what lets us into the others.
        for room in sorted(self._rooms.values(), key=lambda room: room.magic is not Magic.SKA):
            self._join(room)
        self._set(LinkState(online=True))
        self._send()
        ticker = asyncio.create_task(self._tick())
        try:
            while not self._gave_up:
                frame = await transport.receive()
                self._session.receive(frame, self._clock.now())
                self._settle()
            self._session.lost(self._clock.now(), session.GOING_AWAY, "not proven")
        except TransportClosed as closed:
            self._session.lost(self._clock.now(), closed.code, closed.reason)
        finally:
            ticker.cancel()
            self._transport = None
            self._set(LinkState(online=False, problem=self.state.problem))
            for room in list(self._rooms.values()):
                room.lost()

    async def _tick(self) -> None:
        """Wake the session at its deadlines while connected."""
        while True:
            self._wake.clear()
            deadline = self._session.deadline()
            if deadline is None:
                await self._wake.wait()
                continue
            await set_or_after(self._wake, self._clock, deadline - self._clock.now())
            self._session.tick(self._clock.now())
            self._settle()

    def _settle(self) -> None:
        for event in self._session.events():
            if not self._gave_up:
                self._hand_on(event)
        self._send()

    def _hand_on(self, event: session.Event) -> None:
        match event:
            case session.CloseNow(code=code, reason=reason):
                if self._transport is not None:
                    asyncio.ensure_future(self._transport.close(code, reason))  # noqa: RUF006
            case session.Connect() | session.Barred():
                pass
            case _:
                room = self._rooms.get((event.magic, event.room))
                if room is not None:
                    self._to_room(room, event)

    def _to_room(self, room: Attached, event: session.RoomEvent) -> None:
        match event:
            case session.Joined(permission=permission, version=version, extra=extra):
                self._set(LinkState(online=True))
                room.joined(permission, version, extra)
            case session.Updates(updates=updates):
                room.received(updates)
            case session.Acked(batch=batch, status=status):
                room.acked(batch, status)
            case session.JoinRefused() if room is self._proof and _may_pass(event):
                # Without its ticket no other room lets us in either: try it with a new connection.
                self._gave_up = True
                room.refused(event)
            case session.JoinRefused() | session.Evicted():
                room.refused(event)
            case session.RejoinSuggested():
                self._join(room)
            case _:
                assert_never(event)

    def _join(self, room: Attached) -> None:
        request = room.request()
        payload = request.payload
        if not self._proven:
            ticket = sign_ticket(
                self._device,
                self.url,
                room.magic,
                room.room,
                self._clock.wall_ms(),
                self._entropy.bytes(NONCE_BYTES),
            )
            # A relay answers in order: what follows on this connection is proven by this one.
            self._proven = True
            self._proof = room
            payload = replace(payload, ticket=ticket, invitation=self._invitation)
        self._session.join(
            room.magic, room.room, request.version, payload.encode(), self._clock.now()
        )

    def _send(self) -> None:
        frames = self._session.outgoing()
        if frames and self._transport is not None:
            self._transport.send(frames)
        self._wake.set()

    def _failed(self, error: RelayUnreachable) -> None:
        self._session.lost(self._clock.now(), 1006, error.message)
        self._set(LinkState(online=False, problem=error))

    def _set(self, state: LinkState) -> None:
        if state != self.state:
            self.state = state
            self.changed()

    def _dice(self) -> float:
        return int.from_bytes(self._entropy.bytes(6), "little") / 2**48


def _may_pass(refused: session.JoinRefused) -> bool:
    """Whether another ticket may be taken later on."""
    return refused.code is JoinErrorCode.UNKNOWN or refused.app_code == CLOCK_SKEW
