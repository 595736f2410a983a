"""The relay's side of one connection.

What a client sends is answered or becomes an event; nothing it sends raises.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from sakya_sync.errors import WireError
from sakya_sync.ids import BatchId, RoomId
from sakya_sync.limits import (
    KEEPALIVE_INTERVAL_SECONDS,
    KEEPALIVE_MISSES_MAX,
    KEEPALIVE_TIMEOUT_SECONDS,
    ROOMS_PER_CONNECTION_MAX,
    UPDATE_BYTES_UNFRAGMENTED_MAX,
)
from sakya_sync.session.tables import MEMBER, MemberSignal, MemberState
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
    JoinErrorCode,
    JoinRequest,
    JoinResponseOk,
    Leave,
    Magic,
    Message,
    Permission,
    RoomError,
    RoomErrorCode,
)

Key = tuple[Magic, RoomId]


@dataclass(frozen=True, slots=True)
class JoinAsked:
    """A client asks to be let into a room: answer with accept_join or refuse_join."""

    magic: Magic
    room: RoomId
    payload: bytes
    version: bytes


@dataclass(frozen=True, slots=True)
class BatchReceived:
    """A batch for a room that the connection is in: answer with ack."""

    magic: Magic
    room: RoomId
    updates: tuple[bytes, ...]
    batch: BatchId


@dataclass(frozen=True, slots=True)
class Left:
    """The client has left a room."""

    magic: Magic
    room: RoomId


Event: TypeAlias = JoinAsked | BatchReceived | Left


class RelaySession:
    """See the module."""

    def __init__(self, now: float, *, batches_from: int = 0) -> None:
        """Args: batches_from: where the ids of batches that this session sends begin."""
        self._rooms: dict[Key, MemberState] = {}
        self._assembler = Assembler()
        self._keepalive = Keepalive(
            KEEPALIVE_INTERVAL_SECONDS, KEEPALIVE_TIMEOUT_SECONDS, KEEPALIVE_MISSES_MAX
        )
        self._keepalive.heard(now)
        self._events: list[Event] = []
        self._outgoing: list[bytes | str] = []
        self._close: tuple[int, str] | None = None
        self._batches = batches_from

    def receive(self, frame: bytes | str, now: float) -> None:
        """One frame from the client."""
        self._keepalive.heard(now)
        if isinstance(frame, str):
            if frame == PING:
                self._outgoing.append(PONG)
            return
        try:
            message = decode(frame)
        except WireError as error:
            self._close = self._close or (1002, error.details["detail"])
            return
        self._take(message, now)

    def heard(self, now: float) -> None:
        """The client gave a sign of life that is no frame."""
        self._keepalive.heard(now)

    def tick(self, now: float) -> None:
        """Time has passed."""
        for magic, room, batch in self._assembler.expire(now):
            self.ack(magic, room, batch, AckStatus.FRAGMENT_TIMEOUT)
        pulse = self._keepalive.tick(now)
        if pulse is Pulse.PING:
            self._outgoing.append(PING)
        elif pulse is Pulse.DEAD:
            self._close = self._close or (1001, "no answer")

    def deadline(self) -> float | None:
        """When to call `tick` if nothing comes before."""
        times = (self._keepalive.deadline(), self._assembler.deadline())
        return min((time for time in times if time is not None), default=None)

    def events(self) -> list[Event]:
        """What the client wants; forgets it."""
        taken, self._events = self._events, []
        return taken

    def outgoing(self) -> list[bytes | str]:
        """What to send; forgets it."""
        taken, self._outgoing = self._outgoing, []
        return taken

    def close_request(self) -> tuple[int, str] | None:
        """The code and reason to close with, once the client broke the protocol."""
        return self._close

    def joined(self, magic: Magic, room: RoomId) -> bool:
        """Whether the connection is in a room."""
        return self._rooms.get((magic, room)) is MemberState.JOINED

    # Answers.

    def accept_join(
        self, magic: Magic, room: RoomId, permission: Permission, version: bytes, extra: bytes
    ) -> bool:
        """Let the client in, unless it has left meanwhile."""
        if not self._move((magic, room), MemberSignal.ACCEPTED):
            return False
        self._outgoing.append(encode(JoinResponseOk(magic, room, permission, version, extra)))
        return True

    def refuse_join(
        self,
        magic: Magic,
        room: RoomId,
        code: JoinErrorCode,
        message: str = "",
        app_code: str = "",
        receiver_version: bytes = b"",
    ) -> None:
        """Keep the client out."""
        if self._move((magic, room), MemberSignal.REFUSED):
            refusal = JoinError(magic, room, code, message, receiver_version, app_code)
            self._outgoing.append(encode(refusal))

    def ack(self, magic: Magic, room: RoomId, batch: BatchId, status: AckStatus) -> None:
        """Say what became of a batch."""
        self._outgoing.append(encode(Ack(magic, room, batch, status)))

    def send_updates(self, magic: Magic, room: RoomId, updates: Sequence[bytes]) -> None:
        """Send updates to a room that the connection is in, in as few frames as they fit."""
        self._outgoing.extend(self.frames(magic, room, updates))

    def frames(self, magic: Magic, room: RoomId, updates: Iterable[bytes]) -> list[bytes]:
        """The frames that carry these updates."""
        frames: list[bytes] = []
        group: list[bytes] = []
        size = 0
        for update in updates:
            length = len(update) + 8
            if group and size + length > UPDATE_BYTES_UNFRAGMENTED_MAX:
                frames.append(encode(DocUpdate(magic, room, tuple(group), self._next_batch())))
                group, size = [], 0
            if length > UPDATE_BYTES_UNFRAGMENTED_MAX:
                parts = fragment(magic, room, self._next_batch(), update)
                frames.extend(encode(part) for part in parts)
                continue
            group.append(update)
            size += length
        if group:
            frames.append(encode(DocUpdate(magic, room, tuple(group), self._next_batch())))
        return frames

    def send_frames(self, frames: Iterable[bytes]) -> None:
        """Send frames that were encoded once for many connections."""
        self._outgoing.extend(frames)

    def evict(
        self, magic: Magic, room: RoomId, message: str, code: RoomErrorCode = RoomErrorCode.EVICTED
    ) -> None:
        """Put the client out of a room."""
        if self._move((magic, room), MemberSignal.EVICTED):
            self._assembler.forget(magic, room)
            self._outgoing.append(encode(RoomError(magic, room, code, message)))

    def suggest_rejoin(self, magic: Magic, room: RoomId) -> None:
        """Ask the client to join a room once more: a stock client then sends again what it has."""
        self._outgoing.append(
            encode(RoomError(magic, room, RoomErrorCode.REJOIN_SUGGESTED, "join again"))
        )

    def _take(self, message: Message, now: float) -> None:
        key = (message.magic, message.room)
        match message:
            case JoinRequest(payload=payload, version=version):
                if key not in self._rooms and len(self._rooms) >= ROOMS_PER_CONNECTION_MAX:
                    refusal = JoinError(*key, JoinErrorCode.UNKNOWN, "too many rooms")
                    self._outgoing.append(encode(refusal))
                elif self._move(key, MemberSignal.ASKED):
                    self._events.append(JoinAsked(*key, payload, version))
            case DocUpdate(updates=updates, batch=batch):
                self._batch(key, updates, batch)
            case FragmentHeader(batch=batch):
                status = (
                    self._assembler.header(message, now)
                    if self._rooms.get(key) is MemberState.JOINED
                    else AckStatus.PERMISSION_DENIED
                )
                if status is not None:
                    self.ack(*key, batch, status)
            case Fragment(batch=batch):
                whole = self._assembler.fragment(message, now)
                if isinstance(whole, DocUpdate):
                    self._batch(key, whole.updates, batch)
                elif isinstance(whole, AckStatus):
                    self.ack(*key, batch, whole)
            case Leave():
                if self._move(key, MemberSignal.LEFT):
                    self._assembler.forget(*key)
                    self._events.append(Left(*key))
            case Ack() | RoomError() | JoinError() | JoinResponseOk():
                # Stock clients send some of these; they mean nothing here.
                pass
            case _:
                assert_never(message)

    def _batch(self, key: Key, updates: tuple[bytes, ...], batch: BatchId) -> None:
        if self._rooms.get(key) is MemberState.JOINED:
            self._events.append(BatchReceived(*key, updates, batch))
        else:
            self.ack(*key, batch, AckStatus.PERMISSION_DENIED)

    def _next_batch(self) -> BatchId:
        self._batches += 1
        return BatchId(self._batches.to_bytes(8, "little"))

    def _move(self, key: Key, signal: MemberSignal) -> bool:
        following = MEMBER.get((self._rooms.get(key, MemberState.ABSENT), signal))
        if following is None:
            return False
        if following is MemberState.ABSENT:
            self._rooms.pop(key, None)
        else:
            self._rooms[key] = following
        return True
