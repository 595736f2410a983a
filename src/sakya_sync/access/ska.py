"""What an update in a `%SKA` room is. Spec: docs/protocol.md#access."""

from typing import TypeAlias

from sakya_sync.access.certificates import Certificate, decode
from sakya_sync.access.epochs import EpochStatement, decode_statement
from sakya_sync.access.hashing import h32
from sakya_sync.access.notice import Notice

AccessRecord: TypeAlias = Certificate | EpochStatement | Notice


def decode_access_record(update: bytes) -> AccessRecord:
    """Read one update by its tag, and verify what is signed.

    Raises: CertificateInvalid; WireError for a malformed notice.
    """
    match update[:1]:
        case b"E":
            return decode_statement(update)
        case b"N":
            return Notice.decode(update)
        case _:
            return decode(update)


def record_digest(update: bytes) -> bytes:
    """What relays and devices keep an access record under; never travels."""
    return h32(b"SakyaAccessRec1", update)
