"""Sealed ephemeral messages: presence and cursors, signed and padded, and never stored.

    message = suite u8 = 1 || author[32] || nonce[24] || com[32] || sig[64] || box
    inner   = type u8 || session[16] || counter u64 || LP16(body) || zeros up to a multiple of 64

Replay is not detected here: a receiver answers with a session of its own, and counts.
Spec: docs/protocol.md#sealing; vectors/seal/sr1.json.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt as aead_decrypt,
)
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_encrypt as aead_encrypt,
)
from nacl.exceptions import CryptoError

from sakya_sync.errors import LimitExceeded, RecordError, RecordRejected
from sakya_sync.ids import AuthorId, Digest, PublicKey, RoomId
from sakya_sync.seal.keys import (
    EpochSecret,
    Kind,
    SigningKey,
    key_id,
    kind_key,
    record_key,
    verify,
)
from sakya_sync.seal.sealed import SUITE, TAG_BYTES, context_of, digest_of

EPHEMERAL_BODY_BYTES_MAX: Final = 65_535
SESSION_BYTES: Final = 16
COUNTER_MAX: Final = 2**64 - 1

_CONTEXT = b"sakya-sync/sealed-ephemeral/1\0"
_SUITE = bytes((SUITE,))
_PREFIX_BYTES = 57
_BOX_AT = _PREFIX_BYTES + 32 + 64
_BODY_AT = 1 + SESSION_BYTES + 8 + 2
_BLOCK_BYTES = 64
_INNER_BYTES_MIN = 128


class EphemeralType(IntEnum):
    """The steps of the exchange that proves both sessions fresh, then what it is for."""

    HELLO = 1
    PROOF_REQUEST = 2
    PROOF = 3
    MESSAGE = 4


@dataclass(frozen=True, slots=True)
class EphemeralMessage:
    """What a sealed ephemeral message says."""

    type: EphemeralType
    session: bytes
    """16 random bytes that the sender drew when it connected."""
    counter: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedEphemeral:
    """Taken apart; who sent it is proved by `open_ephemeral` only."""

    raw: bytes = field(repr=False)
    author: AuthorId

    @property
    def _prefix(self) -> bytes:
        return self.raw[:_PREFIX_BYTES]

    @property
    def _nonce(self) -> bytes:
        return self.raw[33:_PREFIX_BYTES]

    @property
    def _commitment(self) -> bytes:
        return self.raw[_PREFIX_BYTES:89]

    @property
    def _signature(self) -> bytes:
        return self.raw[89:_BOX_AT]

    @property
    def _box(self) -> bytes:
        return self.raw[_BOX_AT:]


def seal_ephemeral(
    secret: EpochSecret,
    room: RoomId,
    author: SigningKey,
    message: EphemeralMessage,
    *,
    random: bytes,
) -> bytes:
    """Seal and sign one message; `random` is 32 bytes. Raises LimitExceeded."""
    assert len(random) == 32
    of_kind = kind_key(secret, Kind.EPHEMERAL, room)
    inner = _encode(message)
    seed = random + author.public + blake2b(inner).digest()
    nonce = blake2b(seed, digest_size=24, key=of_kind, person=b"SakyaNonce1").digest()
    return seal_with_nonce(secret, room, author, message, nonce)


def seal_with_nonce(
    secret: EpochSecret, room: RoomId, author: SigningKey, message: EphemeralMessage, nonce: bytes
) -> bytes:
    """As `seal_ephemeral`, under 24 bytes that this key has not seen before."""
    prefix = _SUITE + author.public + nonce
    context = _bound_to(secret, room, prefix)
    key, commitment = record_key(kind_key(secret, Kind.EPHEMERAL, room), context)
    box = aead_encrypt(_encode(message), context, nonce, key)
    signature = author.sign(_CONTEXT, digest_of(context, commitment, box))
    return b"".join((prefix, commitment, signature, box))


def parse_ephemeral(raw: bytes) -> SealedEphemeral:
    """Layout only. Raises RecordError."""
    inner_bytes = len(raw) - _BOX_AT - TAG_BYTES
    if inner_bytes < _INNER_BYTES_MIN or inner_bytes != _padded(inner_bytes):
        raise RecordError("an ephemeral message's length")
    if inner_bytes > _padded(_BODY_AT + EPHEMERAL_BODY_BYTES_MAX):
        raise RecordError("an ephemeral message's length")
    if not raw.startswith(_SUITE):
        raise RecordError("an unknown suite")
    return SealedEphemeral(raw, AuthorId(PublicKey(raw[1:33])))


def open_ephemeral(sealed: SealedEphemeral, secret: EpochSecret, room: RoomId) -> EphemeralMessage:
    """Check signature and commitment, then decrypt.

    No key id travels with the message: it is sealed under the current epoch, or the one before.

    Raises: RecordRejected, with the same words whatever was wrong.
    """
    opened = _open(sealed, secret, room)
    if opened is None:
        raise RecordRejected("does not open")
    return opened


def _open(sealed: SealedEphemeral, secret: EpochSecret, room: RoomId) -> EphemeralMessage | None:
    context = _bound_to(secret, room, sealed._prefix)
    key, commitment = record_key(kind_key(secret, Kind.EPHEMERAL, room), context)
    try:
        # The digest takes in the key id: under another secret the signature fails, too.
        verify(sealed.author, _CONTEXT, _digest(sealed, context), sealed._signature)
        if compare_digest(commitment, sealed._commitment):
            return _decode(aead_decrypt(sealed._box, context, sealed._nonce, key))
    except (CryptoError, RecordRejected):
        pass
    return None


def _digest(sealed: SealedEphemeral, context: bytes) -> Digest:
    return digest_of(context, sealed._commitment, sealed._box)


def _bound_to(secret: EpochSecret, room: RoomId, prefix: bytes) -> bytes:
    return context_of(room, b"EPH" + key_id(secret), prefix)


def _padded(length: int) -> int:
    return max(_INNER_BYTES_MIN, -(-length // _BLOCK_BYTES) * _BLOCK_BYTES)


def _encode(message: EphemeralMessage) -> bytes:
    assert len(message.session) == SESSION_BYTES
    if len(message.body) > EPHEMERAL_BODY_BYTES_MAX:
        raise LimitExceeded(f"an ephemeral message of {len(message.body)} bytes")
    place = bytes((message.type,)) + message.session + message.counter.to_bytes(8, "little")
    inner = place + len(message.body).to_bytes(2, "little") + message.body
    return inner + bytes(_padded(len(inner)) - len(inner))


def _decode(inner: bytes) -> EphemeralMessage:
    end = _BODY_AT + int.from_bytes(inner[_BODY_AT - 2 : _BODY_AT], "little")
    if len(inner) != _padded(end) or inner.count(0, end) != len(inner) - end:
        raise RecordRejected("padding")
    if inner[0] not in set(EphemeralType):
        raise RecordRejected("type")
    session = inner[1 : 1 + SESSION_BYTES]
    counter = int.from_bytes(inner[1 + SESSION_BYTES : _BODY_AT - 2], "little")
    return EphemeralMessage(EphemeralType(inner[0]), session, counter, inner[_BODY_AT:end])
