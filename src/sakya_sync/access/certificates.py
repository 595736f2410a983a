"""The three certificates. One of these types exists only when its signature has verified.

All are fixed in width, so that a certificate has exactly one encoding.
Spec: docs/protocol.md#access; vectors/access/certificates.json.
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from sakya_sync.access.hashing import h32
from sakya_sync.access.power import Power
from sakya_sync.errors import CertificateInvalid, RemoteViolation
from sakya_sync.ids import CertificateId, DeviceId, PublicKey, SealingKey, SubjectId
from sakya_sync.seal.keys import SigningKey, verify

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
NOTHING: Final = bytes(32)
"""What stands where a certificate names no other."""

_TAG_DELEGATION, _TAG_ACCEPTANCE, _TAG_REVOCATION = b"D\x01", b"A\x01", b"R\x01"
_CONTEXT_DELEGATION = b"sakya-sync/delegation/1\0"
_CONTEXT_ACCEPTANCE = b"sakya-sync/acceptance/1\0"
_CONTEXT_REVOCATION = b"sakya-sync/revocation/1\0"

_SEALING_KEYS_REFUSED = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)
"""Points of small order: nobody's key, and HPKE fails for whoever seals to one."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """`issuer` hands `audience` at most `power` over `subject`, as far as it has that itself.

    Constructing one verifies it. Raises CertificateInvalid.
    """

    issuer: PublicKey
    audience: PublicKey
    subject: SubjectId
    power: Power
    citation: CertificateId | None
    """The revocation that this grants anew past; it only makes the certificate another one."""
    signature: bytes
    id: CertificateId = field(init=False)

    def __post_init__(self) -> None:
        _check_id(self.citation)
        body = _delegation_body(self.issuer, self.audience, self.subject, self.power, self.citation)
        _verify(self.issuer, _CONTEXT_DELEGATION, body, self.signature, DELEGATION_BYTES)
        object.__setattr__(self, "id", _certificate_id(body))

    def encode(self) -> bytes:
        """Its 195 bytes."""
        return (
            _delegation_body(self.issuer, self.audience, self.subject, self.power, self.citation)
            + self.signature
        )


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`device` belongs to `account`, by that delegation, and is sealed to with `sealing_key`.

    Constructing one verifies it. Raises CertificateInvalid. Whether it counts, `Members` says.
    """

    device: DeviceId
    account: SubjectId
    sealing_key: SealingKey
    delegation: CertificateId | None
    """None when an account's own key accepts itself."""
    signature: bytes
    id: CertificateId = field(init=False)

    def __post_init__(self) -> None:
        _check_id(self.delegation)
        check_sealing_key(self.sealing_key)
        body = _acceptance_body(self.device, self.account, self.sealing_key, self.delegation)
        _verify(self.device, _CONTEXT_ACCEPTANCE, body, self.signature, ACCEPTANCE_BYTES)
        object.__setattr__(self, "id", _certificate_id(body))

    def encode(self) -> bytes:
        """Its 194 bytes."""
        return (
            _acceptance_body(self.device, self.account, self.sealing_key, self.delegation)
            + self.signature
        )


@dataclass(frozen=True, slots=True)
class Revocation:
    """`issuer` denies the delegation `target`, for ever; how far that goes, the evaluator says.

    Constructing one verifies it. Raises CertificateInvalid.
    """

    issuer: PublicKey
    target: CertificateId
    signature: bytes
    id: CertificateId = field(init=False)

    def __post_init__(self) -> None:
        body = _revocation_body(self.issuer, self.target)
        _verify(self.issuer, _CONTEXT_REVOCATION, body, self.signature, REVOCATION_BYTES)
        object.__setattr__(self, "id", _certificate_id(body))

    def encode(self) -> bytes:
        """Its 162 bytes."""
        return _revocation_body(self.issuer, self.target) + self.signature


Certificate: TypeAlias = Delegation | Acceptance | Revocation

DELEGATION_BYTES: Final = 195
ACCEPTANCE_BYTES: Final = 194
REVOCATION_BYTES: Final = 162


def delegate(
    issuer_key: SigningKey,
    audience: PublicKey,
    subject: SubjectId,
    power: Power,
    citation: CertificateId | None = None,
) -> Delegation:
    """Sign a delegation. To grant again what was revoked, cite the revocation."""
    body = _delegation_body(issuer_key.public, audience, subject, power, citation)
    signature = issuer_key.sign(_CONTEXT_DELEGATION, body)
    return Delegation(issuer_key.public, audience, subject, power, citation, signature)


def accept(
    device_key: SigningKey,
    account: SubjectId,
    sealing_key: SealingKey,
    delegation: CertificateId | None,
) -> Acceptance:
    """Sign an acceptance; without a delegation, for an account's own key."""
    body = _acceptance_body(DeviceId(device_key.public), account, sealing_key, delegation)
    signature = device_key.sign(_CONTEXT_ACCEPTANCE, body)
    return Acceptance(DeviceId(device_key.public), account, sealing_key, delegation, signature)


def revoke(issuer_key: SigningKey, target: CertificateId) -> Revocation:
    """Sign the revocation of a delegation."""
    body = _revocation_body(issuer_key.public, target)
    return Revocation(issuer_key.public, target, issuer_key.sign(_CONTEXT_REVOCATION, body))


def decode(encoded: bytes) -> Certificate:
    """Read and verify one certificate. Raises CertificateInvalid, nothing else."""
    shape = (encoded[:2], len(encoded))
    keys = [encoded[at : at + KEY_BYTES] for at in range(2, len(encoded), KEY_BYTES)]
    signature = encoded[-SIGNATURE_BYTES:]
    if shape == (_TAG_DELEGATION, DELEGATION_BYTES):
        issuer, audience, subject = keys[:3]
        return Delegation(
            PublicKey(issuer),
            PublicKey(audience),
            SubjectId(PublicKey(subject)),
            Power.from_tag(encoded[98]),
            _named(encoded[99:131]),
            signature,
        )
    if shape == (_TAG_ACCEPTANCE, ACCEPTANCE_BYTES):
        device, account, sealing_key, delegation = keys[:4]
        return Acceptance(
            DeviceId(PublicKey(device)),
            SubjectId(PublicKey(account)),
            SealingKey(sealing_key),
            _named(delegation),
            signature,
        )
    if shape == (_TAG_REVOCATION, REVOCATION_BYTES):
        issuer, target, cutoff = keys[:3]
        if cutoff != NOTHING:
            raise CertificateInvalid("cutoff is reserved")
        return Revocation(PublicKey(issuer), CertificateId(target), signature)
    raise CertificateInvalid("unknown kind or length")


def check_sealing_key(key: bytes) -> None:
    """Refuse what is no X25519 public key to seal to. Raises CertificateInvalid."""
    # X25519 ignores the top bit, so a point has two spellings.
    if key[:-1] + bytes([key[-1] & 0x7F]) in _SEALING_KEYS_REFUSED:
        raise CertificateInvalid("sealing key of small order")


def _delegation_body(
    issuer: PublicKey,
    audience: PublicKey,
    subject: SubjectId,
    power: Power,
    citation: CertificateId | None,
) -> bytes:
    cited = NOTHING if citation is None else citation
    return _TAG_DELEGATION + issuer + audience + subject + bytes([power.tag]) + cited


def _acceptance_body(
    device: DeviceId,
    account: SubjectId,
    sealing_key: SealingKey,
    delegation: CertificateId | None,
) -> bytes:
    named = NOTHING if delegation is None else delegation
    return _TAG_ACCEPTANCE + device + account + sealing_key + named


def _revocation_body(issuer: PublicKey, target: CertificateId) -> bytes:
    return _TAG_REVOCATION + issuer + target + NOTHING


def _named(field_bytes: bytes) -> CertificateId | None:
    return None if field_bytes == NOTHING else CertificateId(field_bytes)


def _check_id(named: CertificateId | None) -> None:
    if named == NOTHING:
        raise CertificateInvalid("zeros name no certificate")


def _verify(signer: PublicKey, context: bytes, body: bytes, signature: bytes, length: int) -> None:
    if len(body) + len(signature) != length or len(signature) != SIGNATURE_BYTES:
        raise CertificateInvalid("a field's length")
    try:
        verify(signer, context, body, signature)
    except RemoteViolation:
        raise CertificateInvalid("signature") from None


def _certificate_id(body: bytes) -> CertificateId:
    return CertificateId(h32(b"SakyaCert1", body))
