import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded, RecordError, RecordRejected
from sakya_sync.ids import RoomId
from sakya_sync.seal.ephemeral import (
    EPHEMERAL_BODY_BYTES_MAX,
    EphemeralMessage,
    EphemeralType,
    open_ephemeral,
    parse_ephemeral,
    seal_ephemeral,
)
from sakya_sync.seal.keys import EpochSecret

from .vectors import AUTHORS, ROOM, SECRET, VECTORS

SESSION = b"s" * 16
MESSAGES = [
    (entry["from"], bytes.fromhex(entry["message"])) for entry in VECTORS["ephemeral"]["messages"]
]


def seal(body: bytes) -> bytes:
    message = EphemeralMessage(EphemeralType.MESSAGE, SESSION, 1, body)
    return seal_ephemeral(SECRET, ROOM, AUTHORS[0], message, random=bytes(32))


def test_the_printed_messages_open() -> None:
    assert MESSAGES
    for sender, raw in MESSAGES:
        sealed = parse_ephemeral(raw)
        assert sealed.author == AUTHORS[sender].public
        assert open_ephemeral(sealed, SECRET, ROOM).session


@given(st.binary(max_size=EPHEMERAL_BODY_BYTES_MAX))
def test_what_is_sealed_opens(body: bytes) -> None:
    opened = open_ephemeral(parse_ephemeral(seal(body)), SECRET, ROOM)
    assert opened == EphemeralMessage(EphemeralType.MESSAGE, SESSION, 1, body)


def test_a_cursors_length_tells_nothing() -> None:
    assert {len(seal(bytes(size))) for size in range(102)} == {297}


def test_no_change_and_no_other_room_or_key_opens() -> None:
    raw = seal(b"here")
    for position in range(len(raw)):
        changed = raw[:position] + bytes((raw[position] ^ 4,)) + raw[position + 1 :]
        with contextlib.suppress(RecordError):
            sealed = parse_ephemeral(changed)
            with pytest.raises(RecordRejected):
                open_ephemeral(sealed, SECRET, ROOM)
    sealed = parse_ephemeral(raw)
    with pytest.raises(RecordRejected):
        open_ephemeral(sealed, SECRET, RoomId("room/other"))
    with pytest.raises(RecordRejected):
        open_ephemeral(sealed, EpochSecret(bytes(32)), ROOM)


@given(st.binary(max_size=400))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with contextlib.suppress(RecordError, RecordRejected):
        open_ephemeral(parse_ephemeral(rubbish), SECRET, ROOM)


def test_messages_are_bounded() -> None:
    with pytest.raises(LimitExceeded):
        seal(bytes(EPHEMERAL_BODY_BYTES_MAX + 1))
