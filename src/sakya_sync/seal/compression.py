"""Raw deflate with a cap: nothing unpacks to more than it said."""

import zlib
from typing import Final

from sakya_sync.errors import RecordRejected

COMPRESSED_FROM_BYTES: Final = 65
"""Below this deflate gains nothing that padding would not take back."""

_LEVEL = 6
_RAW = -15


def deflate(payload: bytes) -> bytes | None:
    """Shorter than the payload, or None.

    Each payload by itself, so that no length tells how one resembles another.
    """
    if len(payload) < COMPRESSED_FROM_BYTES:
        return None
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    packed = packer.compress(payload) + packer.flush()
    return packed if len(packed) < len(payload) else None


def inflate(body: bytes, raw_bytes: int) -> bytes:
    """Exactly `raw_bytes` of payload from the whole of `body`. Raises RecordRejected."""
    unpacker = zlib.decompressobj(_RAW)
    try:
        # One more than it said: zlib takes 0 for "no limit", and must be seen to go over.
        payload = unpacker.decompress(body, raw_bytes + 1)
    except zlib.error:
        raise RecordRejected("compression") from None
    if len(payload) != raw_bytes or not unpacker.eof or unpacker.unused_data:
        raise RecordRejected("compression")
    return payload
