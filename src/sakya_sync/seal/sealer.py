"""Making sealed records. Spec: docs/protocol.md#sealing; vectors/seal/sr1.json and dice.json."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, TypeAlias

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as aead_encrypt

from sakya_sync.errors import LimitExceeded
from sakya_sync.ids import AuthorId, ChainHead, RoomId
from sakya_sync.limits import RECORD_BYTES_MAX, SNAPSHOT_HEADS_MAX
from sakya_sync.record import header as headers
from sakya_sync.record.header import IV_BYTES, DeltaHeader, Header, SnapshotHeader
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.seal.chain import Head, encode_heads
from sakya_sync.seal.inner import SnapshotView, encode_inner
from sakya_sync.seal.keys import EpochSecret, Kind, SigningKey, key_id, kind_key, record_key
from sakya_sync.seal.sealed import (
    SIGNATURE_CONTEXT,
    SUITE,
    SealedDelta,
    SealedSnapshot,
    context_of,
    digest_of,
)
from sakya_sync.wire.varint import encode_uvarint

RANDOM_BYTES: Final = 32

_SUITE = bytes((SUITE,))
_Common: TypeAlias = tuple[bytes, bytes, bytes, AuthorId, int, ChainHead, bytes, bytes, bytes, int]


def seal_delta(
    secret: EpochSecret,
    room: RoomId,
    author: SigningKey,
    wseq: int,
    prev: ChainHead,
    span: Span,
    payload: bytes,
    seen: Sequence[Head] = (),
    *,
    random: bytes,
    snapshot_view: SnapshotView | None = None,
    compress: bool = True,
) -> SealedDelta:
    """Seal one update.

    Args:
        wseq: one more than the author's last in this room; never used before, or two records
            with one number are evidence against their author.
        prev: the author's chain in this room, `chain.genesis` before the first record.
        payload: what the document exported for exactly this span.
        seen: heads of others that changed since the author's last record, at most SEEN_MAX.
        random: 32 bytes. Should they ever repeat, a nonce does only for the same record.
        compress: False for a record that others must be able to make byte for byte.

    Raises: LimitExceeded.
    """
    inner = encode_inner(payload, seen, snapshot_view, compress=compress)
    draft = Draft(room, author, wseq, prev, kind_key(secret, Kind.DELTA, room), inner)
    nonce = draft.nonce(random)
    header = DeltaHeader(span, key_id(secret), nonce[:IV_BYTES])
    return SealedDelta(*draft.seal(header, nonce), header)


def seal_snapshot(
    secret: EpochSecret,
    room: RoomId,
    author: SigningKey,
    wseq: int,
    prev: ChainHead,
    version: VersionVector,
    owners: Sequence[int],
    heads: Sequence[Head],
    number: int,
    parent: ChainHead,
    payload: bytes,
    *,
    random: bytes,
) -> SealedSnapshot:
    """Seal everything up to a version.

    Args:
        wseq, prev, random: as for `seal_delta`.
        version: how far the payload reaches with each peer.
        owners: for each peer, in the order of `SnapshotHeader.peers`, an index into `heads`.
        heads: how far it reaches with each author, sorted; the author's own without this record.
        number: one more than the current snapshot's; the room's first is 1.
        parent: the chain of snapshots so far, `chain.snapshot_genesis` before the first.

    Raises: LimitExceeded.
    """
    if len(heads) > SNAPSHOT_HEADS_MAX:
        raise LimitExceeded(f"a snapshot of {len(heads)} authors")
    assert len(owners) == len(version)
    assert all(0 <= owner < len(heads) for owner in owners)
    inner = encode_inner(payload, (), None, compress=True)
    draft = Draft(room, author, wseq, prev, kind_key(secret, Kind.SNAPSHOT, room), inner)
    nonce = draft.nonce(random)
    header = SnapshotHeader(version, key_id(secret), nonce[:IV_BYTES])
    common = draft.seal(header, nonce, _state(number, parent, heads, owners))
    return SealedSnapshot(*common, header, number, parent, tuple(heads), tuple(owners))


@dataclass(slots=True)
class Draft:
    """A record that still lacks its nonce; tests seal one with a nonce that is given."""

    room: RoomId
    author: SigningKey
    wseq: int
    prev: ChainHead
    kind_key: bytes = field(repr=False)
    inner: bytes = field(repr=False)

    def nonce(self, random: bytes) -> bytes:
        """24 bytes that differ for different records even when `random` does not."""
        assert len(random) == RANDOM_BYTES
        content = b"".join((random, self._place(), blake2b(self.inner).digest()))
        return blake2b(content, digest_size=24, key=self.kind_key, person=b"SakyaNonce1").digest()

    def seal(self, header: Header, nonce: bytes, state: bytes = b"") -> _Common:
        """Encrypt, sign and lay out; `state` is what a snapshot's prefix has beyond a delta's."""
        header_bytes = headers.encode(header)
        prefix = b"".join((_SUITE, self._place(), nonce[IV_BYTES:], state))
        context = context_of(self.room, header_bytes, prefix)
        key, commitment = record_key(self.kind_key, context)
        box = aead_encrypt(self.inner, context, nonce, key)
        signature = self.author.sign(SIGNATURE_CONTEXT, digest_of(context, commitment, box))
        size = len(prefix) + len(commitment) + len(signature) + len(box)
        parts = (header_bytes, encode_uvarint(size), prefix, commitment, signature, box)
        raw = b"".join(parts)
        if len(raw) > RECORD_BYTES_MAX:
            raise LimitExceeded(f"a record of {len(raw)} bytes")
        author = AuthorId(self.author.public)
        return (
            raw, header_bytes, prefix, author, self.wseq, self.prev, nonce, commitment, signature,
            len(raw) - len(box),
        )  # fmt: skip

    def _place(self) -> bytes:
        return self.author.public + self.wseq.to_bytes(4, "little") + self.prev


def _state(number: int, parent: ChainHead, heads: Sequence[Head], owners: Sequence[int]) -> bytes:
    parts = [number.to_bytes(4, "little"), parent]
    parts += [len(heads).to_bytes(2, "little"), encode_heads(heads)]
    parts.append(len(owners).to_bytes(2, "little"))
    parts += [owner.to_bytes(2, "little") for owner in owners]
    return b"".join(parts)
