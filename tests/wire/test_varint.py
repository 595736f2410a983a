import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import WireError
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
