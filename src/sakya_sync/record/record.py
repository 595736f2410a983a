"""One record: a header, and a ciphertext that is opaque here. Spec: docs/protocol.md#records."""

from dataclasses import dataclass

from sakya_sync.errors import LimitExceeded, RecordError
from sakya_sync.limits import RECORD_BYTES_MAX
from sakya_sync.record import header as headers
from sakya_sync.record.header import Header
from sakya_sync.wire.varint import Reader, encode_varbytes


@dataclass(frozen=True, slots=True)
class Record:
    """A record taken apart; what it says has not been verified."""

    header: Header
    header_bytes: bytes
    """The header as it came: what the ciphertext is bound to."""
    ciphertext: bytes


def encode(header_bytes: bytes, ciphertext: bytes) -> bytes:
    """Raises LimitExceeded, above RECORD_BYTES_MAX."""
    encoded = header_bytes + encode_varbytes(ciphertext)
    if len(encoded) > RECORD_BYTES_MAX:
        raise LimitExceeded(f"a record of {len(encoded)} bytes")
    return encoded


def decode(encoded: bytes) -> Record:
    """Raises RecordError."""
    if len(encoded) > RECORD_BYTES_MAX:
        raise RecordError(f"a record of {len(encoded)} bytes")
    reader = Reader(encoded, RecordError)
    header = headers.decode(reader)
    header_bytes = reader.since(0)
    ciphertext = reader.varbytes()
    reader.end()
    return Record(header, header_bytes, ciphertext)
