"""The client's side of its conversation with a relay, across all its connections.

Anything that is in neither table is ignored: a relay cannot bring a client into a state that it did
not ask for.
"""

from collections.abc import Callable
from typing import Final, assert_never

from sakya_sync.errors import WireError
from sakya_sync.ids import BatchId, RoomId
from sakya_sync.limits import (
    ACK_TIMEOUT_SECONDS,
    JOIN_TIMEOUT_SECONDS,
    KEEPALIVE_INTERVAL_SECONDS,
    KEEPALIVE_MISSES_MAX,
    KEEPALIVE_TIMEOUT_SECONDS,
)
from sakya_sync.session.backoff import Backoff, hinted_seconds
from sakya_sync.session.client_events import (
    Acked,
    Barred,
    CloseNow,
    Connect,
    Event,
    Evicted,
    Joined,
    JoinRefused,
    RejoinSuggested,
    RoomEvent,
    Updates,
)
from sakya_sync.session.tables import LINK, ROOM, LinkSignal, LinkState, RoomSignal, RoomState
from sakya_sync.wire.codec import decode, encode
from sakya_sync.wire.fragments import Assembler, fragment
from sakya_sync.wire.keepalive import PING, PONG, Keepalive, Pulse
from sakya_sync.wire.messages import (
    Ack,
    AckStatus,
    DocUpdate,
    Fragment,
    FragmentHeader,
    JoinError,
    JoinRequest,
    JoinResponseOk,
    Leave,
    Magic,
    Message,
    Permission,
    RoomError,
    RoomErrorCode,
)

__all__ = [
    "Acked",
    "Barred",
    "ClientSession",
    "CloseNow",
    "Connect",
    "Event",
    "Evicted",
    "JoinRefused",
    "Joined",
    "RejoinSuggested",
    "RoomEvent",
    "Updates",
]

Key = tuple[Magic, RoomId]

GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
_POLICY: Final = 1008
_APP_FATAL: Final = range(4400, 4500)


class ClientSession:
    """See the module."""

    def __init__(self, dice: Callable[[], float]) -> None:
        """Args: dice: numbers from 0 to 1, for the jitter of the backoff."""
        self.state = LinkState.IDLE
        self._backoff = Backoff(dice)
        self._rooms: dict[Key, RoomState] = {}
        # Both in order of their deadlines, since every wait of a kind is equally long.
        self._joins: dict[Key, float] = {}
        self._acks: dict[tuple[Key, BatchId], float] = {}
        self._assembler = Assembler()
        self._keepalive = self._fresh_keepalive()
        self._events: list[Event] = []
        self._outgoing: list[bytes | str] = []
        self._retry_at: float | None = None

    # The connection.

    def start(self) -> None:
        """Ask for a connection; later ones are asked for when their time has come."""
        self._move(LinkSignal.STARTED)

    def opened(self, now: float) -> None:
        """A connection is there."""
        self._keepalive = self._fresh_keepalive()
        self._keepalive.heard(now)
        self._move(LinkSignal.OPENED)

    def lost(self, now: float, code: int, reason: str) -> float:
        """The connection is gone, or could not be made; returns the seconds until the next."""
        for key in list(self._rooms):
            self._move_room(key, RoomSignal.LOST)
        self._joins.clear()
        self._acks.clear()
        self._outgoing.clear()
        self._assembler = Assembler()
        if code == _POLICY or code in _APP_FATAL:
            self._events.append(Barred(code, reason))
            self._move(LinkSignal.CLOSED_FOR_GOOD)
            return 0.0
        hinted = hinted_seconds(reason)
        wait = self._backoff.next_seconds() if hinted is None else hinted
        self._retry_at = now + wait
        self._move(LinkSignal.LOST)
        return wait

    def receive(self, frame: bytes | str, now: float) -> None:
        """One frame from the relay."""
        if self.state is not LinkState.OPEN:
            return
        self._keepalive.heard(now)
        if isinstance(frame, str):
            if frame == PING:
                self._outgoing.append(PONG)
            return
        try:
            message = decode(frame)
        except WireError as error:
            self._events.append(CloseNow(PROTOCOL_ERROR, error.details["detail"]))
            return
        self._take(message, now)

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self.state is LinkState.WAITING and self._retry_at is not None:
            if now >= self._retry_at:
                self._retry_at = None
                self._move(LinkSignal.TIME_UP)
            return
        if self.state is not LinkState.OPEN:
            return
        pulse = self._keepalive.tick(now)
        if pulse is Pulse.PING:
            self._outgoing.append(PING)
        late = next(iter(self._joins.values()), now + 1) <= now
        late = late or next(iter(self._acks.values()), now + 1) <= now
        if pulse is Pulse.DEAD or late:
            self._joins.clear()
            self._acks.clear()
            self._events.append(CloseNow(GOING_AWAY, "the relay does not answer"))
        # The relay sends again what did not arrive whole, at the next join.
        self._assembler.expire(now)

    def deadline(self) -> float | None:
        """When to call `tick` if nothing happens before."""
        if self.state is LinkState.WAITING:
            return self._retry_at
        if self.state is not LinkState.OPEN:
            return None
        times = [
            self._keepalive.deadline(),
            next(iter(self._joins.values()), None),
            next(iter(self._acks.values()), None),
            self._assembler.deadline(),
        ]
        return min((time for time in times if time is not None), default=None)

    def events(self) -> list[Event]:
        """What has happened; forgets it."""
        taken, self._events = self._events, []
        return taken

    def outgoing(self) -> list[bytes | str]:
        """What to send; forgets it."""
        taken, self._outgoing = self._outgoing, []
        return taken

    # Rooms.

    def room_state(self, magic: Magic, room: RoomId) -> RoomState:
        """Where a room is."""
        return self._rooms.get((magic, room), RoomState.ABSENT)

    def join(self, magic: Magic, room: RoomId, version: bytes, payload: bytes, now: float) -> None:
        """Ask to be let into a room, or in once more. Nothing happens without a connection."""
        if self.state is not LinkState.OPEN:
            return
        if self._move_room((magic, room), RoomSignal.JOIN_SENT):
            self._outgoing.append(encode(JoinRequest(magic, room, payload, version)))
            self._joins[magic, room] = now + JOIN_TIMEOUT_SECONDS

    def leave(self, magic: Magic, room: RoomId) -> None:
        """Leave a room."""
        if self._move_room((magic, room), RoomSignal.LEFT):
            self._expect_nothing((magic, room))
            self._outgoing.append(encode(Leave(magic, room)))

    def update(
        self, magic: Magic, room: RoomId, updates: tuple[bytes, ...], batch: BatchId, now: float
    ) -> None:
        """Send a batch to a room that may be written to; elsewhere nothing happens.

        A single update may be of any size up to BATCH_BYTES_MAX; several must fit one frame.
        """
        if self._rooms.get((magic, room)) is not RoomState.LIVE:
            return
        if len(updates) == 1:
            messages = fragment(magic, room, batch, updates[0])
        else:
            messages = [DocUpdate(magic, room, updates, batch)]
        self._outgoing.extend(encode(message) for message in messages)
        self._acks[(magic, room), batch] = now + ACK_TIMEOUT_SECONDS

    def _take(self, message: Message, now: float) -> None:
        key = (message.magic, message.room)
        match message:
            case JoinResponseOk():
                self._let_in(key, message)
            case JoinError(code=code, message=text, app_code=app_code):
                if self._move_room(key, RoomSignal.REFUSED):
                    self._expect_nothing(key)
                    self._events.append(JoinRefused(*key, code, text, app_code))
            case DocUpdate(updates=updates):
                self._hand_on(key, updates)
            case FragmentHeader():
                if self._in(key) and self._assembler.header(message, now) is not None:
                    self._events.append(CloseNow(PROTOCOL_ERROR, "a batch that may not be"))
            case Fragment():
                whole = self._assembler.fragment(message, now)
                if isinstance(whole, DocUpdate):
                    self._hand_on(key, whole.updates)
                elif isinstance(whole, AckStatus):
                    self._events.append(CloseNow(PROTOCOL_ERROR, "a fragment that may not be"))
            case RoomError(code=RoomErrorCode.REJOIN_SUGGESTED):
                if self._in(key):
                    self._events.append(RejoinSuggested(*key))
            case RoomError(code=room_code, message=text):
                if self._move_room(key, RoomSignal.EVICTED):
                    self._expect_nothing(key)
                    self._events.append(Evicted(*key, room_code, text))
            case Ack(batch=batch, status=status):
                if self._acks.pop((key, batch), None) is not None:
                    self._events.append(Acked(*key, batch, status))
            case JoinRequest() | Leave():
                # A relay asks nothing of a client.
                pass
            case _:
                assert_never(message)

    def _let_in(self, key: Key, message: JoinResponseOk) -> None:
        may_write = message.permission is Permission.WRITE
        if self._move_room(key, RoomSignal.MAY_WRITE if may_write else RoomSignal.MAY_READ):
            self._joins.pop(key, None)
            self._backoff.succeeded()
            self._events.append(Joined(*key, message.permission, message.version, message.extra))

    def _hand_on(self, key: Key, updates: tuple[bytes, ...]) -> None:
        # A relay may send live updates while a room is joined once more.
        if self._in(key):
            self._events.append(Updates(*key, updates))

    def _expect_nothing(self, key: Key) -> None:
        """A relay owes no answer in a room that we are not in."""
        self._joins.pop(key, None)
        for waiting in [waiting for waiting in self._acks if waiting[0] == key]:
            del self._acks[waiting]

    def _in(self, key: Key) -> bool:
        return self._rooms.get(key) in (RoomState.JOINING, RoomState.LIVE, RoomState.READ_ONLY)

    def _move(self, signal: LinkSignal) -> None:
        following = LINK.get((self.state, signal))
        if following is None:
            return
        self.state = following
        if following is LinkState.CONNECTING:
            self._events.append(Connect())

    def _move_room(self, key: Key, signal: RoomSignal) -> bool:
        following = ROOM.get((self._rooms.get(key, RoomState.ABSENT), signal))
        if following is None:
            return False
        if following is RoomState.ABSENT:
            del self._rooms[key]
        else:
            self._rooms[key] = following
        return True

    def _fresh_keepalive(self) -> Keepalive:
        return Keepalive(
            KEEPALIVE_INTERVAL_SECONDS, KEEPALIVE_TIMEOUT_SECONDS, KEEPALIVE_MISSES_MAX
        )
