from sakya_sync.session.rooms.flo import EMPTY_VERSION, FlockRoom
from sakya_sync.session.rooms.plain import Entry, Taken
from sakya_sync.wire.messages import AckStatus


def test_every_update_is_kept_once_and_everybody_gets_all() -> None:
    room = FlockRoom()
    assert room.take((b"one", b"two", b"one"), 0.0).store == (b"one", b"two")
    assert room.take((b"two",), 0.0) == Taken(AckStatus.OK)
    welcome = room.welcome(b"VEVE", 0.0)
    assert (welcome.version, welcome.stored) == (EMPTY_VERSION, (0, 1))


def test_what_was_kept_is_known_again() -> None:
    room = FlockRoom()
    room.restore([Entry(0, b"one"), Entry(1, b"two")], ())
    assert room.take((b"two", b"three"), 0.0).forward == (b"three",)
    assert room.welcome(b"", 0.0).stored == (0, 1, 2)
