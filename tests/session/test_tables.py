from collections.abc import Mapping
from enum import Enum

import pytest

from sakya_sync.session.tables import (
    LINK,
    MEMBER,
    ROOM,
    LinkState,
    MemberState,
    RoomState,
    markdown,
)

TABLES: list[tuple[Mapping[tuple[Enum, Enum], Enum], Enum]] = [
    (LINK, LinkState.IDLE),  # type: ignore[list-item]
    (ROOM, RoomState.ABSENT),  # type: ignore[list-item]
    (MEMBER, MemberState.ABSENT),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("table", "start"), TABLES, ids=["link", "room", "member"])
def test_every_state_can_be_reached(table: Mapping[tuple[Enum, Enum], Enum], start: Enum) -> None:
    reached = {start}
    for _ in table:
        reached |= {to for (state, _), to in table.items() if state in reached}
    assert reached == set(type(start))


@pytest.mark.parametrize(("table", "start"), TABLES, ids=["link", "room", "member"])
def test_a_table_prints_every_move(table: Mapping[tuple[Enum, Enum], Enum], start: Enum) -> None:
    lines = markdown(table).splitlines()
    assert lines[0].startswith("| in state")
    assert len(lines) == len(table) + 2
    assert f"| {start.value} |" in "\n".join(lines)


def test_a_lost_connection_takes_every_room_with_it() -> None:
    from sakya_sync.session.tables import RoomSignal

    for state in RoomState:
        if state is not RoomState.ABSENT:
            assert ROOM[state, RoomSignal.LOST] is RoomState.ABSENT
