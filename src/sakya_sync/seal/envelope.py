"""Envelopes: an epoch's secret, sealed to one recipient with HPKE (RFC 9180), base mode.

The key pair that each envelope carries is drawn inside the cryptography library: here alone
randomness is not an argument, and no vector can be reproduced, only opened.
Spec: docs/protocol.md#access; vectors/seal/envelope.json.
"""

from hmac import compare_digest
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from sakya_sync.errors import RecordRejected
from sakya_sync.ids import KeyId, PublicKey, SealingKey, SubjectId
from sakya_sync.seal.keys import SECRET_BYTES, EpochSecret, SealingSecret, key_id

ENVELOPE_BYTES: Final = 80

_CONTEXT = b"sakya-sync/epoch-envelope/1\0"


def seal_envelope(
    secret: EpochSecret,
    subject: SubjectId,
    epoch: int,
    key: KeyId,
    recipient: PublicKey,
    sealing_key: SealingKey,
) -> bytes:
    """80 bytes that only the recipient opens, and only as this epoch's of this subject.

    Raises: ValueError, for a sealing key of small order; acceptances with one are refused.
    """
    info = _info(subject, epoch, key, recipient, sealing_key)
    return _suite().encrypt(bytes(secret), X25519PublicKey.from_public_bytes(sealing_key), info)


def open_envelope(
    envelope: bytes,
    subject: SubjectId,
    epoch: int,
    key: KeyId,
    recipient: PublicKey,
    sealing_secret: SealingSecret,
) -> EpochSecret:
    """The secret, if it is the one that its key id names.

    Raises: RecordRejected, with the same words whatever was wrong.
    """
    if len(envelope) == ENVELOPE_BYTES:
        info = _info(subject, epoch, key, recipient, sealing_secret.public)
        private = X25519PrivateKey.from_private_bytes(sealing_secret.secret)
        try:
            opened = _suite().decrypt(envelope, private, info)
        except (InvalidTag, ValueError):
            opened = b""
        if len(opened) == SECRET_BYTES:
            secret = EpochSecret(opened)
            if compare_digest(key_id(secret), key):
                return secret
    raise RecordRejected("an envelope does not open")


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _info(
    subject: SubjectId, epoch: int, key: KeyId, recipient: PublicKey, sealing_key: SealingKey
) -> bytes:
    return b"".join((_CONTEXT, subject, epoch.to_bytes(4, "little"), key, recipient, sealing_key))
