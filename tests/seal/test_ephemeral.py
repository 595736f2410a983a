import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as aead_encrypt

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
from sakya_sync.seal.keys import EpochSecret, Kind, key_id, kind_key, record_key
from sakya_sync.seal.sealed import context_of, digest_of

from .vectors import AUTHORS, ROOM, SECRET, VECTORS

SESSION = b"s" * 16
MESSAGES = [
    (entry["from"], bytes.fromhex(entry["message"])) for entry in VECTORS["ephemeral"]["messages"]
]
CONTEXT = VECTORS["ephemeral"]["context"].encode() + b"\0"
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


@pytest.mark.parametrize("body", [b"here", b"h" * 300], ids=["short", "long"])
def test_no_flipped_bit_and_no_cut_opens(body: bytes) -> None:
    raw = seal(body)
    for position in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[position] ^= 1 << bit
            if position == 0:
                with pytest.raises(RecordError):
                    parse_ephemeral(bytes(changed))
            else:
                refuse(bytes(changed))
    for size in range(len(raw)):
        if size in (297, 361, 425, 489):
            refuse(raw[:size])
        else:
            with pytest.raises(RecordError):
                parse_ephemeral(raw[:size])
    with pytest.raises(RecordError):
        parse_ephemeral(raw + b"\0")


def test_no_other_room_or_key_opens() -> None:
    raw = seal(b"here")
    for room in ("room/other", ROOM + "/", ROOM[:-1], ""):
        refuse(raw, room=RoomId(room))
    refuse(raw, secret=EpochSecret(bytes(32)))


def refuse(raw: bytes, *, secret: EpochSecret = SECRET, room: RoomId = ROOM) -> None:
    """It has the layout of a message, and says only that it does not open."""
    with pytest.raises(RecordRejected) as caught:
        open_ephemeral(parse_ephemeral(raw), secret, room)
    assert caught.value.details["detail"] == "does not open"


def test_a_message_has_the_length_of_its_block_of_64() -> None:
    lengths = [len(seal(b"h" * size)) for size in range(400)]
    assert lengths == [297 + 64 * max(0, -(-(27 + size - 128) // 64)) for size in range(400)]


def test_with_broken_dice_no_two_messages_share_a_nonce() -> None:
    said = EphemeralMessage(EphemeralType.MESSAGE, SESSION, 1, b"here")
    first = seal_ephemeral(SECRET, ROOM, AUTHORS[0], said, random=bytes(32))
    assert first == seal(b"here")
    others = [
        *(
            seal_ephemeral(SECRET, ROOM, AUTHORS[0], other, random=bytes(32))
            for other in (
                replace(said, body=b"there"),
                replace(said, counter=2),
                replace(said, session=b"t" * 16),
                replace(said, type=EphemeralType.HELLO),
            )
        ),
        seal_ephemeral(SECRET, ROOM, AUTHORS[1], said, random=bytes(32)),
        seal_ephemeral(SECRET, RoomId("room/x"), AUTHORS[0], said, random=bytes(32)),
        seal_ephemeral(SECRET, ROOM, AUTHORS[0], said, random=b"r" * 32),
    ]
    assert len({raw[33:57] for raw in [first, *others]}) == 8


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(b"\0" + bytes(127), id="an unknown type"),
        pytest.param(b"\5" + bytes(127), id="another unknown type"),
        pytest.param(b"\4" + bytes(126) + b"\1", id="padding that is not zeros"),
        pytest.param(b"\4" + bytes(24) + b"\x66\0" + bytes(101), id="a body past the end"),
        pytest.param(b"\4" + bytes(191), id="a block too many"),
        pytest.param(b"\4" + bytes(24) + b"\xff\xff" + bytes(101), id="the longest body"),
    ],
)
def test_what_a_member_seals_against_the_rules_is_refused(inner: bytes) -> None:
    # Signed and sealed as it should be, with a key that only members have.
    prefix = b"\1" + AUTHORS[0].public + bytes(24)
    context = context_of(ROOM, b"EPH" + key_id(SECRET), prefix)
    key, commitment = record_key(kind_key(SECRET, Kind.EPHEMERAL, ROOM), context)
    for content, opens in ((b"\4" + bytes(127), True), (inner, False)):
        box = aead_encrypt(content, context, bytes(24), key)
        signature = AUTHORS[0].sign(CONTEXT, digest_of(context, commitment, box))
        raw = prefix + commitment + signature + box
        if opens:
            assert open_ephemeral(parse_ephemeral(raw), SECRET, ROOM).body == b""
        else:
            refuse(raw)


def test_a_message_that_another_signed_or_committed_to_is_refused() -> None:
    raw = seal(b"here")
    sealed = parse_ephemeral(raw)
    prefix, box = raw[:57], raw[153:]
    context = context_of(ROOM, b"EPH" + key_id(SECRET), prefix)
    for commitment, author, opens in (
        (raw[57:89], AUTHORS[0], True),
        (raw[57:89], AUTHORS[1], False),
        (bytes(32), AUTHORS[0], False),
    ):
        signature = author.sign(CONTEXT, digest_of(context, commitment, box))
        again = prefix + commitment + signature + box
        if opens:
            assert parse_ephemeral(again) == sealed
        else:
            refuse(again)


@given(st.binary(max_size=400))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with contextlib.suppress(RecordError, RecordRejected):
        open_ephemeral(parse_ephemeral(rubbish), SECRET, ROOM)


def test_messages_are_bounded() -> None:
    with pytest.raises(LimitExceeded):
        seal(bytes(EPHEMERAL_BODY_BYTES_MAX + 1))
