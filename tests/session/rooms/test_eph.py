from sakya_sync.session.rooms.eph import (
    NOTHING,
    RECENT_BYTES_MAX,
    RECENT_MAX,
    RECENT_SECONDS,
    PresenceRoom,
)
from sakya_sync.session.rooms.plain import Taken
from sakya_sync.wire.messages import AckStatus

NOW = 1000.0


def said(room: PresenceRoom, now: float) -> tuple[bytes, ...]:
    return room.welcome(b"whatever", now).updates


def test_whoever_comes_late_hears_what_was_said_in_the_last_moments() -> None:
    room = PresenceRoom()
    assert room.take((b"here", b"there"), NOW).forward == (b"here", b"there")
    room.take((b"later",), NOW + 20)
    assert said(room, NOW + 20) == (b"here", b"there", b"later")
    assert said(room, NOW + RECENT_SECONDS + 1) == (b"later",)
    assert said(room, NOW + 100) == ()


def test_nothing_said_is_nothing_passed_on() -> None:
    assert PresenceRoom().take((NOTHING, b""), NOW) == Taken(AckStatus.OK)


def test_a_flood_pushes_out_what_is_older_and_takes_no_more_room() -> None:
    room = PresenceRoom()
    for number in range(RECENT_MAX + 10):
        room.take((b"%d" % number,), NOW)
    assert len(said(room, NOW)) == RECENT_MAX
    room.take((bytes(RECENT_BYTES_MAX),), NOW)
    assert said(room, NOW) == (bytes(RECENT_BYTES_MAX),)
    assert room.take((bytes(RECENT_BYTES_MAX + 1),), NOW).status is AckStatus.TOO_LARGE
