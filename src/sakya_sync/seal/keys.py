"""Secret keys, and what is derived from an epoch's.

No repr here shows a secret. Spec: docs/protocol.md#sealing; vectors/seal/sr1.json.
"""

from enum import IntEnum
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

from nacl import bindings, exceptions

from sakya_sync.errors import RecordRejected
from sakya_sync.ids import KeyId, PublicKey, RoomId, SealingKey, encode_id
from sakya_sync.seal.lp import lp

SECRET_BYTES: Final = 32
PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


class Kind(IntEnum):
    """What a key is for; each kind of each room has its own."""

    DELTA = 0
    SNAPSHOT = 1
    EPHEMERAL = 2


class EpochSecret(bytes):
    """32 random bytes that open a subject's records of one epoch."""

    __slots__ = ()

    def __new__(cls, secret: bytes) -> "EpochSecret":
        """Take 32 bytes."""
        assert len(secret) == SECRET_BYTES
        return super().__new__(cls, secret)

    def __repr__(self) -> str:
        return "EpochSecret(…)"

    __str__ = __repr__


class SigningKey:
    """An Ed25519 key pair."""

    __slots__ = ("_secret", "public")

    public: PublicKey

    def __init__(self, seed: bytes) -> None:
        """From 32 random bytes, or derived ones."""
        assert len(seed) == SECRET_BYTES
        public, self._secret = bindings.crypto_sign_seed_keypair(bytes(seed))
        self.public = PublicKey(public)

    @property
    def seed(self) -> bytes:
        """The 32 bytes it was made from, for the vault."""
        return self._secret[:SECRET_BYTES]

    def sign(self, context: bytes, body: bytes) -> bytes:
        """64 bytes over context || body; the context ends in a zero byte."""
        assert context.endswith(b"\0")
        return bindings.crypto_sign(context + body, self._secret)[:SIGNATURE_BYTES]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SigningKey):
            return NotImplemented
        return compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self.public)

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.hex()})"


class SealingSecret:
    """An X25519 private key, for what others seal to its owner."""

    __slots__ = ("_secret", "public")

    public: SealingKey

    def __init__(self, secret: bytes) -> None:
        """From 32 random bytes, or derived ones."""
        assert len(secret) == SECRET_BYTES
        self._secret = bytes(secret)
        self.public = SealingKey(bindings.crypto_scalarmult_base(self._secret))

    @property
    def secret(self) -> bytes:
        """The 32 bytes it was made from, for the vault and for opening."""
        return self._secret

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SealingSecret):
            return NotImplemented
        return compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self.public)

    def __repr__(self) -> str:
        return f"SealingSecret(public={self.public.hex()})"


def verify(public: PublicKey, context: bytes, body: bytes, signature: bytes) -> None:
    """Check a signature over context || body by libsodium's rules. Raises RecordRejected.

    Anything may be handed in as key and signature: another length is a wrong signature.
    """
    # The binding reads 32 bytes at the key's address, however many there are.
    if len(public) == PUBLIC_BYTES and len(signature) == SIGNATURE_BYTES:
        try:
            bindings.crypto_sign_open(signature + context + body, public)
        except exceptions.BadSignatureError:
            pass
        else:
            return
    raise RecordRejected("signature")


def key_id(secret: EpochSecret) -> KeyId:
    """Names a secret, and tells nothing of it: 11 bytes of base64url."""
    digest = blake2b(digest_size=8, key=secret, person=b"SakyaKeyId1").digest()
    return KeyId(encode_id(digest).encode())


def kind_key(secret: EpochSecret, kind: Kind, room: RoomId) -> bytes:
    """32 bytes for one kind of record in one room."""
    content = bytes((kind,)) + lp(room.encode())
    return blake2b(content, digest_size=32, key=secret, person=b"SakyaKindKey1").digest()


def record_key(of_kind: bytes, context: bytes) -> tuple[bytes, bytes]:
    """The key of one record, and the commitment to it that is public: 32 bytes each.

    A commitment is a keyed hash of all that selects the key, so no box opens under two.
    """
    okm = blake2b(context, digest_size=64, key=of_kind, person=b"SakyaRecKDF1").digest()
    return okm[:32], okm[32:]
