import pytest

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
