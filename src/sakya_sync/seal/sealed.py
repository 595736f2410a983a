"""Sealed records as everybody may read them: layout, digest and signature.

Parsing shows what a record claims; only `check_signature` proves that its author made it, and
only opening that it holds what it says. Spec: docs/protocol.md#sealing; vectors/seal/sr1.json.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from struct import unpack
from typing import ClassVar, Final, TypeAlias

from sakya_sync.errors import RecordError
from sakya_sync.ids import AuthorId, ChainHead, Digest, KeyId, PeerId, PublicKey, RoomId
from sakya_sync.limits import RECORD_BYTES_MAX
from sakya_sync.record import header as headers
from sakya_sync.record.header import DeltaHeader, SnapshotHeader
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.seal.chain import HEAD_BYTES, Head, decode_heads, link
from sakya_sync.seal.keys import Kind, verify
from sakya_sync.seal.lp import lp
from sakya_sync.seal.padding import is_padded
from sakya_sync.wire.varint import Reader

SUITE: Final = 1
TAG_BYTES: Final = 16
SIGNATURE_CONTEXT: Final = b"sakya-sync/sealed-record/1\0"

_DELTA_PREFIX_BYTES = 81
_COMMITMENT_AND_SIGNATURE_BYTES = 96


@dataclass(frozen=True, slots=True)
class _Parts:
    raw: bytes = field(repr=False)
    """The record as it came."""
    header_bytes: bytes = field(repr=False)
    prefix: bytes = field(repr=False)
    author: AuthorId
    wseq: int
    """Counts this author's records in the room from 0, deltas and snapshots alike."""
    prev: ChainHead
    """The author's chain up to the record before."""
    nonce: bytes = field(repr=False)
    commitment: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    box_start: int = field(repr=False)
    """Where in `raw` the box begins; it reaches to the end."""

    @property
    def box(self) -> bytes:
        """The ciphertext with its tag, copied out of the record."""
        return self.raw[self.box_start :]

    def context(self, room: RoomId) -> bytes:
        """What key, box and signature are bound to."""
        return context_of(room, self.header_bytes, self.prefix)

    def digest(self, room: RoomId) -> Digest:
        """Names the record in that room; hashes all of it, so keep it where it is used twice."""
        box = memoryview(self.raw)[self.box_start :]
        return digest_of(self.context(room), self.commitment, box)

    def chain(self, room: RoomId) -> ChainHead:
        """The author's chain up to this record."""
        return link(self.prev, self.digest(room))


@dataclass(frozen=True, slots=True)
class SealedDelta(_Parts):
    """A stretch of one peer's operations."""

    kind: ClassVar[Kind] = Kind.DELTA
    header: DeltaHeader

    @property
    def span(self) -> Span:
        """The operations it claims to hold."""
        return self.header.span

    @property
    def peer(self) -> PeerId:
        """Whose operations."""
        return self.header.span.peer

    @property
    def key_id(self) -> KeyId:
        """Which epoch secret opens it."""
        return self.header.key_id


@dataclass(frozen=True, slots=True)
class SealedSnapshot(_Parts):
    """Everything that certain heads of the room hold."""

    kind: ClassVar[Kind] = Kind.SNAPSHOT
    header: SnapshotHeader
    number: int
    """Counts the room's snapshots from 1."""
    parent: ChainHead
    """The chain of snapshots up to the one before."""
    heads: tuple[Head, ...]
    owners: tuple[int, ...]
    """For each of `header.peers`, the index in `heads` of the author it belongs to."""

    @property
    def version(self) -> VersionVector:
        """How far it reaches."""
        return self.header.version

    @property
    def key_id(self) -> KeyId:
        """Which epoch secret opens it."""
        return self.header.key_id

    @property
    def peer_owners(self) -> dict[PeerId, AuthorId]:
        """Whose each peer is."""
        return {
            peer: self.heads[owner].author
            for peer, owner in zip(self.header.peers, self.owners, strict=True)
        }


Sealed: TypeAlias = SealedDelta | SealedSnapshot


def parse(raw: bytes) -> Sealed:
    """Layout and bounds, nothing else. Raises RecordError."""
    if len(raw) > RECORD_BYTES_MAX:
        raise RecordError(f"a record of {len(raw)} bytes")
    reader = Reader(raw, RecordError)
    header = headers.decode(reader)
    header_bytes = reader.since(0)
    if reader.uvarint() != reader.remaining:
        raise RecordError("a ciphertext's length")
    start = reader.position
    if reader.u8() != SUITE:
        raise RecordError("an unknown suite")
    author = AuthorId(PublicKey(reader.take(32)))
    wseq = int.from_bytes(reader.take(4), "little")
    prev = ChainHead(reader.take(32))
    nonce = header.iv + reader.take(12)
    if isinstance(header, DeltaHeader):
        prefix, commitment, signature = _read_tail(reader, start)
        return SealedDelta(
            raw, header_bytes, prefix, author, wseq, prev, nonce, commitment, signature,
            reader.position, header,
        )  # fmt: skip
    number = int.from_bytes(reader.take(4), "little")
    parent = ChainHead(reader.take(32))
    heads = decode_heads(reader.take(HEAD_BYTES * int.from_bytes(reader.take(2), "little")))
    owners = _read_owners(reader, len(header.version), len(heads))
    prefix, commitment, signature = _read_tail(reader, start)
    return SealedSnapshot(
        raw, header_bytes, prefix, author, wseq, prev, nonce, commitment, signature,
        reader.position, header, number, parent, heads, owners,
    )  # fmt: skip


def digest(sealed: Sealed, room: RoomId) -> Digest:
    """Names the record in that room; without its signature, so that it has one name only."""
    return sealed.digest(room)


def check_signature(sealed: Sealed, digest: Digest) -> None:
    """Raises RecordRejected, unless the author signed the record with that digest."""
    verify(sealed.author, SIGNATURE_CONTEXT, digest, sealed.signature)


def context_of(room: RoomId, header_bytes: bytes, prefix: bytes) -> bytes:
    """What key, box and signature are bound to: the room, and all that is public."""
    return lp(room.encode()) + lp(header_bytes) + lp(prefix)


def digest_of(context: bytes, commitment: bytes, box: bytes | memoryview) -> Digest:
    """Of the whole record but its signature."""
    state = blake2b(context, digest_size=32, person=b"SakyaRecHash1")
    state.update(commitment)
    state.update(box)
    return Digest(state.digest())


def _read_tail(reader: Reader, start: int) -> tuple[bytes, bytes, bytes]:
    prefix = reader.since(start)
    fixed = reader.take(_COMMITMENT_AND_SIGNATURE_BYTES)
    if not is_padded(reader.remaining - TAG_BYTES):
        raise RecordError("a box's length")
    return prefix, fixed[:32], fixed[32:]


def _read_owners(reader: Reader, peers: int, heads: int) -> tuple[int, ...]:
    if int.from_bytes(reader.take(2), "little") != peers:
        raise RecordError("as many owners as peers are needed")
    owners = unpack(f"<{peers}H", reader.take(2 * peers))
    if owners and max(owners) >= heads:
        raise RecordError("an owner without a head")
    return owners
