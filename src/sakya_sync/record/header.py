"""What a relay may read of a record: which operations it holds and which key opens it.

Spec: docs/protocol.md#records; vectors/record/headers.json.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from sakya_sync.errors import RecordError
from sakya_sync.ids import KeyId, PeerId
from sakya_sync.limits import COUNTER_MAX, VERSION_PEERS_MAX
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import PEER_ID_MAX, VersionVector
from sakya_sync.wire.varint import Reader, encode_uvarint, encode_varbytes

KEY_ID_BYTES: Final = 11
IV_BYTES: Final = 12

_DELTA: Final = 0
_SNAPSHOT: Final = 1
_PEER_DIGITS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class DeltaHeader:
    """Of a record with one span of one peer's operations."""

    span: Span
    key_id: KeyId
    iv: bytes


@dataclass(frozen=True, slots=True)
class SnapshotHeader:
    """Of a record with everything up to a version."""

    version: VersionVector
    key_id: KeyId
    iv: bytes

    @property
    def peers(self) -> tuple[PeerId, ...]:
        """The peers in the order in which the header names them: by their decimal text."""
        return tuple(peer for _, peer, _ in _entries(self.version))


Header: TypeAlias = DeltaHeader | SnapshotHeader


def encode(header: Header) -> bytes:
    """The header's only encoding."""
    assert len(header.key_id) == KEY_ID_BYTES
    assert len(header.iv) == IV_BYTES
    parts: list[bytes] = []
    match header:
        case DeltaHeader(span=span):
            assert 0 <= span.start < span.end <= COUNTER_MAX
            parts += [b"\x00", encode_varbytes(b"%d" % span.peer)]
            parts += [encode_uvarint(span.start), encode_uvarint(span.end)]
        case SnapshotHeader(version=version):
            parts += [b"\x01", encode_uvarint(len(version))]
            for text, _, counter in _entries(version):
                parts += [encode_varbytes(text), encode_uvarint(counter)]
        case _:
            assert_never(header)
    parts += [encode_varbytes(header.key_id), encode_varbytes(header.iv)]
    return b"".join(parts)


def decode(reader: Reader) -> Header:
    """Read one header; the reader is left behind it, and must raise RecordError, as this does."""
    kind = reader.u8()
    if kind == _DELTA:
        span = _read_span(reader)
        return DeltaHeader(span, _read_key_id(reader), _read_iv(reader))
    if kind == _SNAPSHOT:
        version = _read_version(reader)
        return SnapshotHeader(version, _read_key_id(reader), _read_iv(reader))
    raise RecordError(f"unknown kind {kind}")


def _entries(version: VersionVector) -> list[tuple[bytes, PeerId, int]]:
    return sorted((b"%d" % peer, peer, counter) for peer, counter in version.items())


def _read_span(reader: Reader) -> Span:
    peer = _peer(reader.varbytes(_PEER_DIGITS_MAX))
    start = reader.uvarint(COUNTER_MAX)
    end = reader.uvarint(COUNTER_MAX)
    if start >= end:
        raise RecordError("a span that holds nothing")
    return Span(peer, start, end)


def _read_version(reader: Reader) -> VersionVector:
    counters: dict[PeerId, int] = {}
    last = b""
    for _ in range(reader.uvarint(VERSION_PEERS_MAX)):
        text = reader.varbytes(_PEER_DIGITS_MAX)
        if text <= last:
            raise RecordError("peers out of order")
        last = text
        counter = reader.uvarint(COUNTER_MAX)
        if counter == 0:
            raise RecordError("a peer at 0")
        counters[_peer(text)] = counter
    return VersionVector(counters)


def _peer(text: bytes) -> PeerId:
    if not text.isdigit() or (text[0] == ord("0") and len(text) > 1):
        raise RecordError("a peer id that is not a number in its shortest form")
    peer = int(text)
    if peer > PEER_ID_MAX:
        raise RecordError("a peer id that is too large")
    return PeerId(peer)


def _read_key_id(reader: Reader) -> KeyId:
    key_id = reader.varbytes(KEY_ID_BYTES)
    if len(key_id) != KEY_ID_BYTES:
        raise RecordError("a key id's length")
    return KeyId(key_id)


def _read_iv(reader: Reader) -> bytes:
    iv = reader.varbytes(IV_BYTES)
    if len(iv) != IV_BYTES:
        raise RecordError("an iv's length")
    return iv
