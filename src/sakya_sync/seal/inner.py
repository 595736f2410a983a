"""The plaintext of a record: a payload, and what its author had seen of the others.

Spec: docs/protocol.md#sealing ("inner").
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sakya_sync.errors import LimitExceeded, RecordRejected
from sakya_sync.ids import ChainHead
from sakya_sync.limits import PAYLOAD_BYTES_MAX, SEEN_MAX
from sakya_sync.seal.chain import Head
from sakya_sync.seal.compression import deflate, inflate
from sakya_sync.seal.padding import padded_length
from sakya_sync.wire.varint import Reader, encode_uvarint

AUTHOR_PREFIX_BYTES: Final = 8

_DEFLATED = 1
_HAS_VIEW = 4
_FLAGS_KNOWN = _DEFLATED | _HAS_VIEW


@dataclass(frozen=True, slots=True)
class Seen:
    """A head of another author that a record's author attests to have."""

    author_prefix: bytes
    """The first 8 bytes of the author's key: a chain hash names the rest."""
    wseq: int
    chain: ChainHead


@dataclass(frozen=True, slots=True)
class SnapshotView:
    """The snapshot that an author took for the room's current one."""

    number: int
    chain: ChainHead


@dataclass(frozen=True, slots=True)
class Opened:
    """What a record says, once it has opened."""

    payload: bytes = field(repr=False)
    seen: tuple[Seen, ...] = ()
    snapshot_view: SnapshotView | None = None


def encode_inner(
    payload: bytes, seen: Sequence[Head], view: SnapshotView | None, *, compress: bool
) -> bytes:
    """Padded, ready to be sealed. Raises LimitExceeded."""
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise LimitExceeded(f"an update of {len(payload)} bytes")
    if len(seen) > SEEN_MAX:
        raise LimitExceeded(f"{len(seen)} heads attested in one record")
    packed = deflate(payload) if compress else None
    body = payload if packed is None else packed
    flags = (0 if packed is None else _DEFLATED) | (0 if view is None else _HAS_VIEW)
    parts = [bytes((flags,)), encode_uvarint(len(payload)), encode_uvarint(len(seen))]
    for head in seen:
        parts += (head.author[:AUTHOR_PREFIX_BYTES], head.wseq.to_bytes(4, "little"), head.chain)
    if view is not None:
        parts += (view.number.to_bytes(4, "little"), view.chain)
    parts += (encode_uvarint(len(body)), body)
    length = sum(map(len, parts))
    parts.append(bytes(padded_length(length) - length))
    return b"".join(parts)


def decode_inner(inner: bytes) -> Opened:
    """Check padding, lengths and flags, and unpack. Raises RecordRejected."""
    reader = Reader(inner, RecordRejected)
    flags = reader.u8()
    if flags & ~_FLAGS_KNOWN:
        raise RecordRejected("unknown flags")
    raw_bytes = reader.uvarint(PAYLOAD_BYTES_MAX)
    seen = tuple([_read_seen(reader) for _ in range(reader.uvarint(SEEN_MAX))])
    view = SnapshotView(_u32(reader), ChainHead(reader.take(32))) if flags & _HAS_VIEW else None
    body = reader.varbytes(PAYLOAD_BYTES_MAX)
    _check_padding(inner, reader.position)
    if flags & _DEFLATED:
        return Opened(inflate(body, raw_bytes), seen, view)
    if len(body) != raw_bytes:
        raise RecordRejected("a payload's length")
    return Opened(body, seen, view)


def _read_seen(reader: Reader) -> Seen:
    prefix = reader.take(AUTHOR_PREFIX_BYTES)
    return Seen(prefix, _u32(reader), ChainHead(reader.take(32)))


def _u32(reader: Reader) -> int:
    return int.from_bytes(reader.take(4), "little")


def _check_padding(inner: bytes, end: int) -> None:
    if len(inner) != padded_length(end) or inner.count(0, end) != len(inner) - end:
        raise RecordRejected("padding")
