import pytest
from loro import EphemeralStore

from sakya_sync.errors import UpdateInvalid
from sakya_sync.session.rooms.eps import PersistedRoom
from sakya_sync.session.rooms.plain import Welcome


def update(**values: str) -> bytes:
    store = EphemeralStore(2**40)
    for key, value in values.items():
        store.set(key, value)
    return bytes(store.encode_all())


def states(room: PersistedRoom) -> dict[str, object]:
    store = EphemeralStore(2**40)
    for held in room.welcome(b"").updates:
        store.apply(held)
    return dict(store.get_all_states())


def test_whoever_joins_gets_the_latest_of_every_key() -> None:
    room = PersistedRoom()
    assert room.welcome(b"") == Welcome(b"")
    assert room.take(update(ada="here"))
    assert room.take(update(bob="there"))
    assert states(room) == {"ada": "here", "bob": "there"}


def test_what_is_held_already_brings_nothing() -> None:
    room = PersistedRoom()
    told = update(ada="here", bob="there", cy="away")
    assert room.take(told)
    assert not room.take(told)
    assert not room.take(b"\x00")


def test_rubbish_is_refused() -> None:
    with pytest.raises(UpdateInvalid):
        PersistedRoom().take(b"\xff" * 20)


def test_what_is_condensed_says_the_same() -> None:
    room = PersistedRoom()
    room.take(update(ada="here"))
    room.take(update(bob="there"))
    condensed = room.condense()
    assert condensed is not None
    again = PersistedRoom()
    again.restore([condensed])
    assert states(again) == {"ada": "here", "bob": "there"}
