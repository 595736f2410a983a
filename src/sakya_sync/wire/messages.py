"""The nine messages of Loro Protocol v1, as values. Spec: docs/protocol.md#wire."""

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final, TypeAlias

from sakya_sync.ids import BatchId, RoomId

BATCH_ID_BYTES: Final = 8


class Magic(Enum):
    """What kind of room a frame is for: its first four bytes."""

    ELO = b"%ELO"
    SKA = b"%SKA"
    SKE = b"%SKE"
    SKB = b"%SKB"
    SKM = b"%SKM"
    LOR = b"%LOR"
    EPH = b"%EPH"
    EPS = b"%EPS"
    FLO = b"%FLO"
    YJS = b"%YJS"
    YAW = b"%YAW"


class Permission(Enum):
    """What a joined connection may do. Stock clients hang on any other word."""

    READ = "read"
    WRITE = "write"


class AckStatus(IntEnum):
    """The relay's answer to a batch. Values it may not know read as UNKNOWN."""

    OK = 0x00
    UNKNOWN = 0x01
    PERMISSION_DENIED = 0x03
    INVALID_UPDATE = 0x04
    TOO_LARGE = 0x05
    RATE_LIMITED = 0x06
    FRAGMENT_TIMEOUT = 0x07
    APP = 0x7F


class JoinErrorCode(IntEnum):
    """Why a join was refused. Values it may not know read as UNKNOWN."""

    UNKNOWN = 0x00
    VERSION_UNKNOWN = 0x01
    AUTH_FAILED = 0x02
    APP = 0x7F


class RoomErrorCode(IntEnum):
    """Why a connection is no longer in a room. Values it may not know read as APP."""

    REJOIN_SUGGESTED = 0x01
    EVICTED = 0x02
    APP = 0x7F


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Asks to be let into a room."""

    magic: Magic
    room: RoomId
    payload: bytes
    """A join payload (docs/protocol.md#join); opaque here."""
    version: bytes
    """What the sender holds, encoded as its magic demands; empty asks for everything."""


@dataclass(frozen=True, slots=True)
class JoinResponseOk:
    """The connection is in the room; the backfill follows."""

    magic: Magic
    room: RoomId
    permission: Permission
    version: bytes
    extra: bytes = b""


@dataclass(frozen=True, slots=True)
class JoinError:
    """The connection is not let in."""

    magic: Magic
    room: RoomId
    code: JoinErrorCode
    message: str = ""
    receiver_version: bytes = b""
    """With VERSION_UNKNOWN only."""
    app_code: str = ""
    """With APP only."""


@dataclass(frozen=True, slots=True)
class DocUpdate:
    """Updates that are acked together."""

    magic: Magic
    room: RoomId
    updates: tuple[bytes, ...]
    batch: BatchId


@dataclass(frozen=True, slots=True)
class FragmentHeader:
    """Announces a batch of one update that does not fit a frame. Its numbers are unchecked."""

    magic: Magic
    room: RoomId
    batch: BatchId
    count: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """One part of an announced batch, counted from 0."""

    magic: Magic
    room: RoomId
    batch: BatchId
    index: int
    data: bytes


@dataclass(frozen=True, slots=True)
class RoomError:
    """The connection is put out of the room, or had better join again."""

    magic: Magic
    room: RoomId
    code: RoomErrorCode
    message: str = ""
    app_code: str = ""
    """With APP only."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The connection leaves the room."""

    magic: Magic
    room: RoomId


@dataclass(frozen=True, slots=True)
class Ack:
    """What became of a batch. The batch is the one its sender chose."""

    magic: Magic
    room: RoomId
    batch: BatchId
    status: AckStatus


Message: TypeAlias = (
    JoinRequest
    | JoinResponseOk
    | JoinError
    | DocUpdate
    | FragmentHeader
    | Fragment
    | RoomError
    | Leave
    | Ack
)
