import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError, RecordRejected
from sakya_sync.ids import RoomId
from sakya_sync.seal.opener import open_sealed
from sakya_sync.seal.sealed import SealedSnapshot, check_signature, parse

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


def test_a_record_cut_at_any_length_is_refused() -> None:
    raw = CASES[0].raw
    for size in range(len(raw)):
        with pytest.raises(RecordError):
            parse(raw[:size])
    with pytest.raises(RecordError):
        parse(raw + b"\0")


@given(st.binary(max_size=600))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with contextlib.suppress(RecordError):
        parse(rubbish)


def test_a_record_moved_to_another_room_is_nobodys() -> None:
    sealed = parse(CASES[0].raw)
    other = RoomId("room/other")
    with pytest.raises(RecordRejected):
        check_signature(sealed, sealed.digest(other))
    with pytest.raises(RecordRejected):
        open_sealed(sealed, SECRET, other)
