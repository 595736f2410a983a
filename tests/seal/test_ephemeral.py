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
    seal_with_nonce,
)
from sakya_sync.seal.keys import EpochSecret

from .vectors import AUTHORS, ROOM, SECRET, VECTORS

SESSION = b"s" * 16
MESSAGES = [
    (entry["from"], bytes.fromhex(entry["message"])) for entry in VECTORS["ephemeral"]["messages"]
]
LAST_BODY = VECTORS["ephemeral"]["last_body"].encode()


def seal(body: bytes) -> bytes:
    message = EphemeralMessage(EphemeralType.MESSAGE, SESSION, 1, body)
    return seal_ephemeral(SECRET, ROOM, AUTHORS[0], message, random=bytes(32))


def test_the_printed_messages_open() -> None:
    assert MESSAGES
    for sender, raw in MESSAGES:
        sealed = parse_ephemeral(raw)
        assert sealed.author == AUTHORS[sender].public
        assert open_ephemeral(sealed, SECRET, ROOM).session


def test_the_printed_messages_prove_both_sessions_fresh_and_are_made_byte_for_byte() -> None:
    # Of what a message says, only type and sender are printed, and the last one's body. The two
    # sessions are read from the first two messages, and all else must follow from them. The
    # nonce stands in the message for all to read; the random bytes behind it are not printed.
    laptop, tablet = (
        open_ephemeral(parse_ephemeral(raw), SECRET, ROOM).session for _, raw in MESSAGES[:2]
    )
    said = [
        EphemeralMessage(EphemeralType.HELLO, laptop, 0, b""),
        EphemeralMessage(EphemeralType.PROOF_REQUEST, tablet, 0, AUTHORS[0].public + laptop),
        EphemeralMessage(EphemeralType.PROOF, laptop, 1, AUTHORS[1].public + tablet),
        EphemeralMessage(EphemeralType.MESSAGE, laptop, 2, LAST_BODY),
    ]
    assert [message.type.name.lower() for message in said] == [
        entry["type"] for entry in VECTORS["ephemeral"]["messages"]
    ]
    for message, (sender, raw) in zip(said, MESSAGES, strict=True):
        assert seal_with_nonce(SECRET, ROOM, AUTHORS[sender], message, raw[33:57]) == raw


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
