import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError, RemoteViolation, WireError
from sakya_sync.wire.varint import Reader, encode_uvarint, encode_varbytes


@given(st.integers(0, 2**64 - 1))
def test_every_number_has_one_encoding_and_it_reads_back(number: int) -> None:
    encoded = encode_uvarint(number)
    reader = Reader(encoded, WireError)
    assert reader.uvarint() == number
    reader.end()
    longer = encoded[:-1] + bytes((encoded[-1] | 0x80, 0))
    with pytest.raises(WireError):
        Reader(longer, WireError).uvarint()


@pytest.mark.parametrize("encoded", [b"", b"\x80", b"\xff" * 10, b"\xff" * 9 + b"\x02"])
def test_what_is_no_64_bit_number_is_refused(encoded: bytes) -> None:
    with pytest.raises(WireError):
        Reader(encoded, WireError).uvarint()


@given(st.binary(max_size=300))
def test_bytes_with_their_length_read_back(content: bytes) -> None:
    reader = Reader(encode_varbytes(content), WireError)
    assert reader.varbytes() == content
    reader.end()


def test_a_length_beyond_the_end_is_refused_before_anything_is_taken() -> None:
    with pytest.raises(WireError):
        Reader(encode_uvarint(2**40) + b"x", WireError).varbytes()
    with pytest.raises(WireError):
        Reader(encode_varbytes(b"12345"), WireError).varbytes(4)


@pytest.mark.parametrize(
    ("number", "encoded"),
    [(0, "00"), (127, "7f"), (128, "8001"), (300, "ac02"), (2**64 - 1, "ff" * 9 + "01")],
)
def test_numbers_are_written_in_groups_of_seven_bits(number: int, encoded: str) -> None:
    assert encode_uvarint(number).hex() == encoded


@pytest.mark.parametrize("error", [WireError, RecordError])
@given(rubbish=st.binary(max_size=12))
def test_rubbish_gives_the_error_asked_for_only(
    error: type[RemoteViolation], rubbish: bytes
) -> None:
    reader = Reader(rubbish, error)
    with contextlib.suppress(error):
        number = reader.uvarint()
        assert reader.since(0) == encode_uvarint(number)


@given(st.integers(1, 2**64 - 1))
def test_a_number_over_its_bound_is_refused(most: int) -> None:
    assert Reader(encode_uvarint(most), WireError).uvarint(most) == most
    with pytest.raises(WireError):
        Reader(encode_uvarint(most), WireError).uvarint(most - 1)


def test_text_is_utf8_and_bounded_in_bytes() -> None:
    assert Reader(encode_varbytes("é".encode()), WireError).text(2) == "é"
    for spoiled in (encode_varbytes("éé".encode()), b"\x01\xff", b"\x03\xed\xa0\x80"):
        with pytest.raises(WireError):
            Reader(spoiled, WireError).text(2)


def test_nothing_may_be_left_at_the_end() -> None:
    reader = Reader(b"ab", WireError)
    assert reader.u8() == ord("a")
    assert reader.remaining == 1
    with pytest.raises(WireError):
        reader.end()
    assert reader.take(1) == b"b"
    reader.end()
    for read in (reader.u8, reader.uvarint, reader.varbytes, lambda: reader.take(1)):
        with pytest.raises(WireError):
            read()
