from dataclasses import FrozenInstanceError

import pytest

from sakya_sync.ids import RoomId
from sakya_sync.wire.messages import (
    BATCH_ID_BYTES,
    AckStatus,
    JoinErrorCode,
    Leave,
    Magic,
    Permission,
    RoomErrorCode,
)


def test_the_words_on_the_wire_are_those_of_the_protocol() -> None:
    assert {magic.value for magic in Magic} == {
        b"%ELO", b"%SKA", b"%SKE", b"%SKB", b"%SKM", b"%LOR", b"%EPH", b"%EPS", b"%FLO", b"%YJS",
        b"%YAW",
    }  # fmt: skip
    assert [p.value for p in Permission] == ["read", "write"]
    assert [int(status) for status in AckStatus] == [0, 1, 3, 4, 5, 6, 7, 0x7F]
    assert [int(code) for code in JoinErrorCode] == [0, 1, 2, 0x7F]
    assert [int(code) for code in RoomErrorCode] == [1, 2, 0x7F]


def test_values_that_nobody_knows_have_a_name_to_read_as() -> None:
    read_as = (AckStatus.UNKNOWN, JoinErrorCode.UNKNOWN, RoomErrorCode.APP)
    assert [int(code) for code in read_as] == [1, 0, 0x7F]


def test_a_message_never_changes_and_is_equal_to_its_like() -> None:
    leave = Leave(Magic.ELO, RoomId("r"))
    with pytest.raises(FrozenInstanceError):
        leave.room = RoomId("s")  # type: ignore[misc]
    assert leave == Leave(Magic.ELO, RoomId("r"))
    assert leave != Leave(Magic.SKA, RoomId("r"))
    assert len({leave, Leave(Magic.ELO, RoomId("r"))}) == 1


def test_a_batch_id_is_eight_bytes() -> None:
    assert BATCH_ID_BYTES == 8
