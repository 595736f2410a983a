"""What a client session tells its owner."""

from dataclasses import dataclass
from typing import TypeAlias

from sakya_sync.ids import BatchId, RoomId
from sakya_sync.wire.messages import AckStatus, JoinErrorCode, Magic, Permission, RoomErrorCode


@dataclass(frozen=True, slots=True)
class Connect:
    """It is time to open a connection."""


@dataclass(frozen=True, slots=True)
class CloseNow:
    """Close the connection; then say so with `lost`."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Barred:
    """The relay wants no more of us: no further attempt is made."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The relay let us into a room; the backfill follows."""

    magic: Magic
    room: RoomId
    permission: Permission
    version: bytes
    extra: bytes


@dataclass(frozen=True, slots=True)
class JoinRefused:
    """The relay does not let us into a room."""

    magic: Magic
    room: RoomId
    code: JoinErrorCode
    message: str
    app_code: str


@dataclass(frozen=True, slots=True)
class Updates:
    """Updates of a room: backfill or live."""

    magic: Magic
    room: RoomId
    updates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Acked:
    """The relay's answer to a batch of ours."""

    magic: Magic
    room: RoomId
    batch: BatchId
    status: AckStatus


@dataclass(frozen=True, slots=True)
class Evicted:
    """The relay put us out of a room."""

    magic: Magic
    room: RoomId
    code: RoomErrorCode
    message: str


@dataclass(frozen=True, slots=True)
class RejoinSuggested:
    """The relay asks us to join a room once more, with what we hold now."""

    magic: Magic
    room: RoomId


RoomEvent: TypeAlias = Joined | JoinRefused | Updates | Acked | Evicted | RejoinSuggested
Event: TypeAlias = Connect | CloseNow | Barred | RoomEvent
