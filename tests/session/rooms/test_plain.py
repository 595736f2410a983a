from sakya_sync.session.rooms.plain import Entry, Taken, Welcome
from sakya_sync.wire.messages import AckStatus


def test_nothing_is_kept_forwarded_or_covered_unless_a_room_says_so() -> None:
    assert Taken(AckStatus.OK) == Taken(AckStatus.OK, (), (), (), ())
    assert Welcome(b"\x00") == Welcome(b"\x00", (), ())
    assert not Entry(0, b"body").retired
