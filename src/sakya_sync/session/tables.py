"""The tables of both sides, and how to print them."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeVar

State = TypeVar("State", bound=Enum)
Signal = TypeVar("Signal", bound=Enum)


class LinkState(Enum):
    """A client's connection to its relay."""

    IDLE = "idle"
    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"
    BARRED = "barred"


class LinkSignal(Enum):
    """What moves a client's connection."""

    STARTED = "started"
    OPENED = "opened"
    LOST = "lost"
    TIME_UP = "time is up"
    CLOSED_FOR_GOOD = "closed for good"


class RoomState(Enum):
    """A room in a client's connection; one that is in no state is absent."""

    ABSENT = "absent"
    JOINING = "joining"
    LIVE = "live"
    READ_ONLY = "read only"
    REFUSED = "refused"
    GONE = "gone"


class RoomSignal(Enum):
    """What moves a room in a client's connection."""

    JOIN_SENT = "join sent"
    MAY_WRITE = "let in to write"
    MAY_READ = "let in to read"
    REFUSED = "refused"
    EVICTED = "evicted"
    LEFT = "left"
    LOST = "connection lost"


class MemberState(Enum):
    """A room in a relay's connection."""

    ABSENT = "absent"
    JOINING = "joining"
    JOINED = "joined"


class MemberSignal(Enum):
    """What moves a room in a relay's connection."""

    ASKED = "join asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LEFT = "left"
    EVICTED = "evicted"


LINK: Final[Mapping[tuple[LinkState, LinkSignal], LinkState]] = MappingProxyType(
    {
        (LinkState.IDLE, LinkSignal.STARTED): LinkState.CONNECTING,
        (LinkState.CONNECTING, LinkSignal.OPENED): LinkState.OPEN,
        (LinkState.CONNECTING, LinkSignal.LOST): LinkState.WAITING,
        (LinkState.OPEN, LinkSignal.LOST): LinkState.WAITING,
        (LinkState.WAITING, LinkSignal.TIME_UP): LinkState.CONNECTING,
        (LinkState.CONNECTING, LinkSignal.CLOSED_FOR_GOOD): LinkState.BARRED,
        (LinkState.OPEN, LinkSignal.CLOSED_FOR_GOOD): LinkState.BARRED,
    }
)

ROOM: Final[Mapping[tuple[RoomState, RoomSignal], RoomState]] = MappingProxyType(
    {
        (RoomState.ABSENT, RoomSignal.JOIN_SENT): RoomState.JOINING,
        (RoomState.LIVE, RoomSignal.JOIN_SENT): RoomState.JOINING,
        (RoomState.READ_ONLY, RoomSignal.JOIN_SENT): RoomState.JOINING,
        (RoomState.REFUSED, RoomSignal.JOIN_SENT): RoomState.JOINING,
        (RoomState.GONE, RoomSignal.JOIN_SENT): RoomState.JOINING,
        (RoomState.JOINING, RoomSignal.MAY_WRITE): RoomState.LIVE,
        (RoomState.JOINING, RoomSignal.MAY_READ): RoomState.READ_ONLY,
        (RoomState.JOINING, RoomSignal.REFUSED): RoomState.REFUSED,
        (RoomState.JOINING, RoomSignal.EVICTED): RoomState.GONE,
        (RoomState.LIVE, RoomSignal.EVICTED): RoomState.GONE,
        (RoomState.READ_ONLY, RoomSignal.EVICTED): RoomState.GONE,
        (RoomState.JOINING, RoomSignal.LEFT): RoomState.ABSENT,
        (RoomState.LIVE, RoomSignal.LEFT): RoomState.ABSENT,
        (RoomState.READ_ONLY, RoomSignal.LEFT): RoomState.ABSENT,
        (RoomState.JOINING, RoomSignal.LOST): RoomState.ABSENT,
        (RoomState.LIVE, RoomSignal.LOST): RoomState.ABSENT,
        (RoomState.READ_ONLY, RoomSignal.LOST): RoomState.ABSENT,
        (RoomState.REFUSED, RoomSignal.LOST): RoomState.ABSENT,
        (RoomState.GONE, RoomSignal.LOST): RoomState.ABSENT,
    }
)

MEMBER: Final[Mapping[tuple[MemberState, MemberSignal], MemberState]] = MappingProxyType(
    {
        (MemberState.ABSENT, MemberSignal.ASKED): MemberState.JOINING,
        (MemberState.JOINING, MemberSignal.ASKED): MemberState.JOINING,
        (MemberState.JOINED, MemberSignal.ASKED): MemberState.JOINING,
        (MemberState.JOINING, MemberSignal.ACCEPTED): MemberState.JOINED,
        (MemberState.JOINING, MemberSignal.REFUSED): MemberState.ABSENT,
        (MemberState.JOINING, MemberSignal.LEFT): MemberState.ABSENT,
        (MemberState.JOINED, MemberSignal.LEFT): MemberState.ABSENT,
        (MemberState.JOINING, MemberSignal.EVICTED): MemberState.ABSENT,
        (MemberState.JOINED, MemberSignal.EVICTED): MemberState.ABSENT,
    }
)


def markdown(table: Mapping[tuple[State, Signal], State]) -> str:
    """A transition table as a Markdown table, in the order it is written."""
    rows = [
        f"| {state.value} | {signal.value} | {to.value} |" for (state, signal), to in table.items()
    ]
    return "\n".join(["| in state | on | goes to |", "|---|---|---|", *rows])
