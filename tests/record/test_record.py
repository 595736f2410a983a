import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded, RecordError
from sakya_sync.ids import KeyId, PeerId
from sakya_sync.limits import RECORD_BYTES_MAX
from sakya_sync.record import header as headers
from sakya_sync.record.header import DeltaHeader
from sakya_sync.record.record import decode, encode
from sakya_sync.record.spans import Span

HEADER = DeltaHeader(Span(PeerId(1), 0, 1), KeyId(b"abcdefghijk"), bytes(12))


def test_a_record_is_its_header_and_a_ciphertext() -> None:
    record = decode(encode(headers.encode(HEADER), b"sealed"))
    assert (record.header, record.ciphertext) == (HEADER, b"sealed")
    assert record.header_bytes == headers.encode(HEADER)


def test_a_record_cut_short_or_with_a_tail_is_refused() -> None:
    encoded = encode(headers.encode(HEADER), b"sealed")
    for spoiled in [encoded + b"x", *(encoded[:size] for size in range(len(encoded)))]:
        with pytest.raises(RecordError):
            decode(spoiled)


def test_records_are_bounded() -> None:
    with pytest.raises(LimitExceeded):
        encode(headers.encode(HEADER), bytes(RECORD_BYTES_MAX))
    with pytest.raises(RecordError):
        decode(bytes(RECORD_BYTES_MAX + 1))


def test_limits_hold_to_the_byte() -> None:
    header = headers.encode(HEADER)
    # A ciphertext of this size has a length of four bytes.
    most = RECORD_BYTES_MAX - len(header) - 4
    encoded = encode(header, bytes(most))
    assert len(encoded) == RECORD_BYTES_MAX
    assert len(decode(encoded).ciphertext) == most
    with pytest.raises(LimitExceeded):
        encode(header, bytes(most + 1))


@given(st.binary(max_size=120))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with contextlib.suppress(RecordError):
        decode(rubbish)


@given(st.binary(max_size=60), st.data())
def test_what_is_read_as_a_record_has_no_other_encoding(
    ciphertext: bytes, data: st.DataObject
) -> None:
    changed = bytearray(encode(headers.encode(HEADER), ciphertext))
    changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(RecordError):
        record = decode(bytes(changed))
        assert headers.encode(record.header) == record.header_bytes
        assert encode(record.header_bytes, record.ciphertext) == changed
