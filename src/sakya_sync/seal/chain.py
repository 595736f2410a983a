"""Chains: each record of an author in a room names all before it with one hash.

Spec: docs/protocol.md#sealing; vectors/seal/sr1.json.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from sakya_sync.errors import RecordError
from sakya_sync.ids import AuthorId, ChainHead, Digest, PublicKey, RoomId
from sakya_sync.seal.lp import lp

HEAD_BYTES: Final = 68
WSEQ_MAX: Final = 2**32 - 1
SNAPSHOT_NUMBER_MAX: Final = 2**32 - 1

_CHAIN = b"SakyaChain1"
_SNAPSHOTS = b"SakyaSnap1"


@dataclass(frozen=True, slots=True)
class Head:
    """How far an author's records in a room reach, and the hash of all of them."""

    author: AuthorId
    wseq: int
    """The sequence number of the last one."""
    chain: ChainHead


def genesis(author: AuthorId, room: RoomId) -> ChainHead:
    """What stands before an author's first record in a room."""
    return _hash(_CHAIN, b"genesis" + author + lp(room.encode()))


def link(prev: ChainHead, digest: Digest) -> ChainHead:
    """The chain with one more record."""
    return _hash(_CHAIN, b"link" + prev + digest)


def snapshot_genesis(room: RoomId) -> ChainHead:
    """What stands before a room's first snapshot."""
    return _hash(_SNAPSHOTS, b"genesis" + lp(room.encode()))


def snapshot_link(parent: ChainHead, digest: Digest) -> ChainHead:
    """The chain of snapshots with one more."""
    return _hash(_SNAPSHOTS, b"link" + parent + digest)


def encode_heads(heads: Iterable[Head]) -> bytes:
    """68 bytes each. They must be sorted by author, one for each."""
    parts: list[bytes] = []
    last = b""
    for head in heads:
        assert last < head.author, "heads out of order"
        last = head.author
        parts.append(head.author + head.wseq.to_bytes(4, "little") + head.chain)
    return b"".join(parts)


def decode_heads(encoded: bytes) -> tuple[Head, ...]:
    """Raises RecordError, also when they are out of order."""
    if len(encoded) % HEAD_BYTES:
        raise RecordError("heads cut short")
    heads: list[Head] = []
    last = b""
    for at in range(0, len(encoded), HEAD_BYTES):
        author = encoded[at : at + 32]
        if author <= last:
            raise RecordError("heads out of order")
        last = author
        wseq = int.from_bytes(encoded[at + 32 : at + 36], "little")
        chain = ChainHead(encoded[at + 36 : at + HEAD_BYTES])
        heads.append(Head(AuthorId(PublicKey(author)), wseq, chain))
    return tuple(heads)


def _hash(person: bytes, content: bytes) -> ChainHead:
    return ChainHead(blake2b(content, digest_size=32, person=person).digest())
