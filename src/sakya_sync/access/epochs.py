"""Epoch statements: an epoch's key, sealed to those who may read.

Spec: docs/protocol.md#access; vectors/access/epochs.json.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sakya_sync.access.certificates import KEY_BYTES, NOTHING, SIGNATURE_BYTES
from sakya_sync.access.hashing import h32
from sakya_sync.errors import CertificateInvalid, LimitExceeded, RemoteViolation
from sakya_sync.ids import KeyId, PublicKey, SealingKey, SubjectId
from sakya_sync.limits import RECIPIENTS_MAX
from sakya_sync.seal.envelope import seal_envelope
from sakya_sync.seal.keys import EpochSecret, SigningKey, key_id, verify

ENVELOPE_BYTES: Final = 80
KEY_ID_BYTES: Final = 11
EPOCH_MAX: Final = 2**32 - 1

_TAG = b"E\x01"
_CONTEXT = b"sakya-sync/epoch-statement/1\0"
_HEAD_BYTES = 2 + KEY_BYTES + KEY_BYTES + 4 + KEY_ID_BYTES + 32
_ENTRY_BYTES = KEY_BYTES + ENVELOPE_BYTES

Envelopes = tuple[tuple[PublicKey, bytes], ...]
"""Recipients and the 80 bytes for each, sorted by recipient."""


@dataclass(frozen=True, slots=True)
class EpochStatement:
    """Begins an epoch, or hands its key to devices that came later; `EpochLog` tells which.

    Constructing one verifies it. Raises CertificateInvalid.
    """

    issuer: PublicKey
    subject: SubjectId
    epoch: int
    key_id: KeyId
    previous: bytes
    """The digest of the statement that began the epoch before; zeros for epoch 0."""
    envelopes: Envelopes
    signature: bytes
    digest: bytes = field(init=False)
    """32 bytes that name the statement's beginning, whoever it is sealed to."""

    def __post_init__(self) -> None:
        if not 0 <= self.epoch <= EPOCH_MAX or (self.epoch == 0) != (self.previous == NOTHING):
            raise CertificateInvalid("epoch number")
        _check_envelopes(self.envelopes)
        head = _head(self.issuer, self.subject, self.epoch, self.key_id, self.previous)
        if len(head) != _HEAD_BYTES or len(self.signature) != SIGNATURE_BYTES:
            raise CertificateInvalid("a field's length")
        try:
            verify(self.issuer, _CONTEXT, head + _tail(self.envelopes), self.signature)
        except RemoteViolation:
            raise CertificateInvalid("signature") from None
        object.__setattr__(self, "digest", h32(b"SakyaEpoch1", head))

    @property
    def same_epoch(self) -> tuple[int, KeyId, bytes]:
        """What all statements about one epoch of a subject share."""
        return (self.epoch, self.key_id, self.previous)

    def encode(self) -> bytes:
        """179 bytes, and 112 for each recipient."""
        head = _head(self.issuer, self.subject, self.epoch, self.key_id, self.previous)
        return head + _tail(self.envelopes) + self.signature


def make(
    issuer_key: SigningKey,
    subject: SubjectId,
    epoch: int,
    key: KeyId,
    previous: bytes,
    envelopes: Iterable[tuple[PublicKey, bytes]],
) -> EpochStatement:
    """Sign a statement with these envelopes, in any order. Raises LimitExceeded."""
    ordered = tuple(sorted(envelopes))
    if len(ordered) > RECIPIENTS_MAX:
        raise LimitExceeded(f"an epoch statement for {len(ordered)} recipients")
    head = _head(issuer_key.public, subject, epoch, key, previous)
    signature = issuer_key.sign(_CONTEXT, head + _tail(ordered))
    return EpochStatement(issuer_key.public, subject, epoch, key, previous, ordered, signature)


def seal_epoch(
    issuer_key: SigningKey,
    subject: SubjectId,
    epoch: int,
    secret: EpochSecret,
    previous: bytes,
    recipients: Iterable[tuple[PublicKey, SealingKey]],
) -> EpochStatement:
    """Seal an epoch's secret to each recipient and sign: a beginning, or for latecomers.

    Not reproducible, because HPKE draws a key pair for each envelope. Raises LimitExceeded.
    """
    key = key_id(secret)
    envelopes = [
        (recipient, seal_envelope(secret, subject, epoch, key, recipient, sealing_key))
        for recipient, sealing_key in recipients
    ]
    return make(issuer_key, subject, epoch, key, previous, envelopes)


def decode_statement(encoded: bytes) -> EpochStatement:
    """Read and verify one statement. Raises CertificateInvalid, nothing else."""
    entries_at = _HEAD_BYTES + 2
    if len(encoded) < entries_at + SIGNATURE_BYTES or encoded[:2] != _TAG:
        raise CertificateInvalid("unknown kind or length")
    count = int.from_bytes(encoded[_HEAD_BYTES:entries_at], "little")
    end = entries_at + count * _ENTRY_BYTES
    if count > RECIPIENTS_MAX or len(encoded) != end + SIGNATURE_BYTES:
        raise CertificateInvalid("unknown kind or length")
    envelopes = tuple(
        (PublicKey(encoded[at : at + KEY_BYTES]), encoded[at + KEY_BYTES : at + _ENTRY_BYTES])
        for at in range(entries_at, end, _ENTRY_BYTES)
    )
    return EpochStatement(
        issuer=PublicKey(encoded[2:34]),
        subject=SubjectId(PublicKey(encoded[34:66])),
        epoch=int.from_bytes(encoded[66:70], "little"),
        key_id=KeyId(encoded[70:81]),
        previous=encoded[81:113],
        envelopes=envelopes,
        signature=encoded[end:],
    )


def _head(issuer: PublicKey, subject: SubjectId, epoch: int, key: KeyId, previous: bytes) -> bytes:
    return _TAG + issuer + subject + epoch.to_bytes(4, "little") + key + previous


def _tail(envelopes: Envelopes) -> bytes:
    entries = b"".join(recipient + envelope for recipient, envelope in envelopes)
    return len(envelopes).to_bytes(2, "little") + entries


def _check_envelopes(envelopes: Envelopes) -> None:
    if len(envelopes) > RECIPIENTS_MAX:
        raise CertificateInvalid("too many recipients")
    last = b""
    for recipient, envelope in envelopes:
        if len(recipient) != KEY_BYTES or len(envelope) != ENVELOPE_BYTES:
            raise CertificateInvalid("a field's length")
        if recipient <= last:
            raise CertificateInvalid("recipients out of order")
        last = recipient
