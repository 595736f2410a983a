import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError, RecordRejected
from sakya_sync.ids import RoomId
from sakya_sync.seal.inner import encode_inner
from sakya_sync.seal.keys import Kind, kind_key
from sakya_sync.seal.opener import open_sealed
from sakya_sync.seal.padding import is_padded
from sakya_sync.seal.sealed import (
    SIGNATURE_CONTEXT,
    TAG_BYTES,
    Sealed,
    SealedSnapshot,
    check_signature,
    parse,
)
from sakya_sync.seal.sealer import Draft
from sakya_sync.wire.varint import encode_varbytes

from .vectors import CASES, ROOM, SECRET, Case


def accept(raw: bytes) -> None:
    sealed = parse(raw)
    check_signature(sealed, sealed.digest(ROOM))
    open_sealed(sealed, SECRET, ROOM)


IDS = [case.why for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_printed_record_is_read_as_printed(case: Case) -> None:
    sealed = parse(case.raw)
    assert sealed.header_bytes == case["header"]
    assert sealed.prefix == case["prefix"]
    assert (sealed.author, sealed.wseq, sealed.prev) == (
        case.author.public,
        case.wseq,
        case["prev"],
    )
    assert (sealed.commitment, sealed.nonce) == (case["commitment"], case["nonce"])
    assert sealed.signature == case["signature"]
    assert sealed.digest(ROOM) == case["digest"]
    assert sealed.chain(ROOM) == case["chain"]
    assert isinstance(sealed, SealedSnapshot) == (case.kind == "snapshot")
    check_signature(sealed, sealed.digest(ROOM))


@pytest.mark.parametrize("case", CASES[:1] + CASES[4:5], ids=["delta", "snapshot"])
def test_no_flipped_bit_goes_unnoticed(case: Case) -> None:
    for position in range(len(case.raw)):
        for bit in range(8):
            changed = bytearray(case.raw)
            changed[position] ^= 1 << bit
            with pytest.raises((RecordError, RecordRejected)):
                accept(bytes(changed))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_record_cut_at_any_length_is_refused(case: Case) -> None:
    for size in range(len(case.raw)):
        with pytest.raises(RecordError):
            parse(case.raw[:size])
    with pytest.raises(RecordError):
        parse(case.raw + b"\0")


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_box_cut_to_another_possible_length_is_nobodys(case: Case) -> None:
    # The length in front is the relay's to write: a shorter box can be laid out rightly.
    sealed = parse(case.raw)
    start = len(sealed.header_bytes)
    body = case.raw[sealed.box_start - len(sealed.prefix) - 96 :]
    assert case.raw == sealed.header_bytes + encode_varbytes(body)
    cuts = 0
    for size in range(len(body)):
        with contextlib.suppress(RecordError):
            cut = parse(case.raw[:start] + encode_varbytes(body[:size]))
            cuts += 1
            refuse(cut, ROOM)
    assert cuts == sum(is_padded(size) for size in range(len(sealed.box) - TAG_BYTES))


def refuse(sealed: Sealed, room: RoomId) -> None:
    """Neither whoever checks its signature takes it, nor whoever opens it."""
    with pytest.raises(RecordRejected):
        check_signature(sealed, sealed.digest(room))
    with pytest.raises(RecordRejected):
        open_sealed(sealed, SECRET, room)


@given(st.binary(max_size=600))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with contextlib.suppress(RecordError):
        parse(rubbish)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_record_moved_to_another_room_is_nobodys(case: Case) -> None:
    sealed = parse(case.raw)
    for room in ("room/other", ROOM + "/", ROOM[:-1], ""):
        refuse(sealed, RoomId(room))
        assert sealed.digest(RoomId(room)) != sealed.digest(ROOM)


SNAPSHOT = next(case for case in CASES if case.kind == "snapshot")
OTHER = bytes(range(32))
# Where each part of the prefix begins: the snapshot names two heads and two peers.
AUTHOR, WSEQ, PREV, NONCE, NUMBER, PARENT, HEADS, OWNERS = 1, 33, 37, 69, 81, 85, 119, 257


@pytest.mark.parametrize(
    ("at", "value"),
    [
        pytest.param(AUTHOR, CASES[0].author.public, id="author"),
        pytest.param(WSEQ, b"\1\0\0\0", id="wseq"),
        pytest.param(PREV, OTHER, id="prev"),
        pytest.param(NONCE, OTHER[:12], id="nonce"),
        pytest.param(NUMBER, b"\2\0\0\0", id="number"),
        pytest.param(NUMBER, bytes(4), id="number 0"),
        pytest.param(PARENT, OTHER, id="parent"),
        pytest.param(HEADS + 32, b"\0\0\0\0", id="a head one record back"),
        pytest.param(HEADS + 36, OTHER, id="a head's chain"),
        pytest.param(OWNERS, b"\0\0\1\0", id="peers that changed owners"),
    ],
)
def test_a_snapshot_in_another_place_is_nobodys(at: int, value: bytes) -> None:
    printed = parse(SNAPSHOT.raw)
    prefix = bytearray(printed.prefix)
    assert prefix[at : at + len(value)] != value
    prefix[at : at + len(value)] = value
    moved = parse(SNAPSHOT.raw.replace(printed.prefix, bytes(prefix)))
    assert isinstance(moved, SealedSnapshot)
    assert moved.prefix == prefix
    refuse(moved, ROOM)
    # Not even when its author signs it anew in that place: only one who seals it again can.
    key = CASES[0].author if at == AUTHOR else SNAPSHOT.author
    signed = replace(moved, signature=key.sign(SIGNATURE_CONTEXT, moved.digest(ROOM)))
    check_signature(signed, signed.digest(ROOM))
    with pytest.raises(RecordRejected):
        open_sealed(signed, SECRET, ROOM)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        pytest.param(0, b"\2", id="an unknown suite"),
        pytest.param(HEADS - 2, b"\1\0", id="a head fewer"),
        pytest.param(HEADS - 2, b"\xff\xff", id="more heads than there are bytes"),
        pytest.param(HEADS, b"\xff" * 32, id="heads out of order"),
        pytest.param(HEADS + 68, SNAPSHOT["prefix"][HEADS : HEADS + 32], id="a head twice"),
        pytest.param(OWNERS - 2, b"\1\0", id="an owner fewer"),
        pytest.param(OWNERS, b"\2\0", id="an owner without a head"),
    ],
)
def test_a_snapshot_that_contradicts_itself_is_not_even_read(at: int, value: bytes) -> None:
    printed = parse(SNAPSHOT.raw)
    prefix = bytearray(printed.prefix)
    assert prefix[at : at + len(value)] != value
    prefix[at : at + len(value)] = value
    with pytest.raises(RecordError):
        parse(SNAPSHOT.raw.replace(printed.prefix, bytes(prefix)))


@pytest.mark.parametrize("case", [CASES[0], SNAPSHOT], ids=["delta", "snapshot"])
def test_a_key_of_one_kind_seals_nothing_of_another(case: Case) -> None:
    printed = parse(case.raw)
    state = printed.prefix[81:]
    inner = encode_inner(case.payload, (), None, compress=True)
    for kind in Kind:
        of_kind = kind_key(SECRET, kind, ROOM)
        draft = Draft(ROOM, case.author, case.wseq, printed.prev, of_kind, inner)
        sealed = parse(draft.seal(printed.header, printed.nonce, state)[0])
        check_signature(sealed, sealed.digest(ROOM))
        if kind is sealed.kind:
            assert sealed.raw == case.raw
        else:
            with pytest.raises(RecordRejected):
                open_sealed(sealed, SECRET, ROOM)
