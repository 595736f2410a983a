import pytest
from hypothesis import given
from hypothesis import strategies as st
from loro import EphemeralStore

from sakya_sync.errors import UpdateInvalid
from sakya_sync.replica.presence import Presence


def states(encoded: bytes) -> dict[str, object]:
    store = EphemeralStore(2**40)
    store.apply(encoded)
    return dict(store.get_all_states())


def update(key: str, value: object) -> bytes:
    store = EphemeralStore(2**40)
    store.set(key, value)  # type: ignore[arg-type]
    return bytes(store.encode_all())


def test_what_several_write_is_merged() -> None:
    presence = Presence()
    presence.apply(update("ada", "here"))
    presence.apply(update("bob", "there"))
    assert states(presence.encode()) == {"ada": "here", "bob": "there"}
    assert Presence().encode() == b"\x00"


def test_what_was_written_long_ago_is_still_there() -> None:
    # One entry: its key, its value, and the milliseconds since 1970: eight days after it began.
    old = b"\x01\x03ada\x01\x04\x04here" + b"\x80\xf0\xbd\xca\x02"
    presence = Presence()
    presence.apply(old)
    assert presence.encode() == old


@given(st.binary(max_size=60))
def test_rubbish_gives_our_own_error(rubbish: bytes) -> None:
    presence = Presence()
    presence.apply(update("ada", "here"))
    try:
        presence.apply(rubbish)
    except UpdateInvalid:
        assert states(presence.encode()) == {"ada": "here"}


def test_bytes_that_are_no_update_are_refused() -> None:
    with pytest.raises(UpdateInvalid):
        Presence().apply(b"\xff" * 30)
