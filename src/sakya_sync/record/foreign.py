"""`%ELO` records of any client, as a relay may read them: nothing about them is ours.

Where our own records have one form for everything, these follow the public `protocol-e2ee.md` as
clients really speak it: peers are any bytes, though stock ones write decimal numbers, and a key id
is any text. Spec: docs/protocol.md#plain.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from sakya_sync.errors import RecordError
from sakya_sync.ids import PeerId
from sakya_sync.limits import (
    COUNTER_MAX,
    KEY_ID_BYTES_MAX,
    PEER_ID_BYTES_MAX,
    RECORD_BYTES_MAX,
    VERSION_PEERS_MAX,
)
from sakya_sync.record.header import IV_BYTES
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import PEER_ID_MAX, VersionVector
from sakya_sync.wire.varint import Reader, encode_varbytes

_DELTA: Final = 0
_SNAPSHOT: Final = 1
_TAG_BYTES: Final = 16
_DIGITS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class ForeignDelta:
    """A record that says it holds one span."""

    raw: bytes = field(repr=False)
    nonce: bytes
    span: Span | None
    """None where the peer is not a number, which no version vector can name."""


@dataclass(frozen=True, slots=True)
class ForeignSnapshot:
    """A record that says it holds everything up to a version; some say of none at all."""

    raw: bytes = field(repr=False)
    nonce: bytes
    version: VersionVector


ForeignRecord = ForeignDelta | ForeignSnapshot


def parse(raw: bytes) -> ForeignRecord:
    """A record taken apart. Raises RecordError."""
    if len(raw) > RECORD_BYTES_MAX:
        raise RecordError(f"a record of {len(raw)} bytes")
    reader = Reader(raw, RecordError)
    kind = reader.u8()
    if kind == _DELTA:
        peer = _peer(reader)
        start, end = reader.uvarint(COUNTER_MAX), reader.uvarint(COUNTER_MAX)
        if start >= end:
            raise RecordError("a span that holds nothing")
        nonce = _read_rest(reader)
        return ForeignDelta(raw, nonce, None if peer is None else Span(peer, start, end))
    if kind == _SNAPSHOT:
        version = _version(reader)
        return ForeignSnapshot(raw, _read_rest(reader), version)
    raise RecordError(f"unknown kind {kind}")


def _version(reader: Reader) -> VersionVector:
    counters: dict[PeerId, int] = {}
    for _ in range(reader.uvarint(VERSION_PEERS_MAX)):
        peer = _peer(reader)
        counter = reader.uvarint(COUNTER_MAX)
        if peer is None:
            continue
        if peer in counters:
            raise RecordError("a peer named twice")
        counters[peer] = counter
    return VersionVector(counters)


def _peer(reader: Reader) -> PeerId | None:
    text = reader.varbytes(PEER_ID_BYTES_MAX)
    if not text:
        raise RecordError("a peer without a name")
    if not text.isdigit() or len(text) > _DIGITS_MAX or (text[:1] == b"0" and len(text) > 1):
        return None
    peer = int(text)
    return PeerId(peer) if peer <= PEER_ID_MAX else None


def _read_rest(reader: Reader) -> bytes:
    """What names the key and the iv together: 16 bytes that no two records may share."""
    key_id, iv = reader.varbytes(KEY_ID_BYTES_MAX), reader.varbytes()
    if len(iv) != IV_BYTES:
        raise RecordError("an iv's length")
    if len(reader.varbytes()) < _TAG_BYTES:
        raise RecordError("a ciphertext without a tag")
    reader.end()
    return blake2b(encode_varbytes(key_id) + iv, digest_size=16).digest()
