"""What a vault keeps: a device's secrets, and the rings of the subjects it reads.

Spec: docs/protocol.md#vault; vectors/seal/vault.json.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from sakya_sync.errors import RecordError
from sakya_sync.ids import PublicKey, SubjectId
from sakya_sync.seal.keys import SealingSecret, SigningKey
from sakya_sync.seal.ring import KeyRing
from sakya_sync.wire.varint import Reader, encode_uvarint, encode_varbytes

DEVICE_NAME_BYTES_MAX: Final = 1_024

_VERSION = 1
_HAS_ACCOUNT = 1
_HAS_RECOVERY = 2
_RING_BYTES_MAX = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class VaultContents:
    """A device's secrets; change one with `dataclasses.replace`."""

    device_key: SigningKey
    sealing_secret: SealingSecret
    account: SubjectId | None = None
    """The account this device belongs to."""
    recovery: bytes | None = field(default=None, repr=False)
    """The recovery kit's 32 bytes of entropy, on the device that made the account."""
    device_name: str = ""
    rings: Mapping[SubjectId, KeyRing] = field(default_factory=lambda: MappingProxyType({}))

    def with_ring(self, subject: SubjectId, ring: KeyRing) -> "VaultContents":
        """With that ring in place of the subject's old one."""
        rings = MappingProxyType({**self.rings, subject: ring})
        return VaultContents(
            self.device_key, self.sealing_secret, self.account, self.recovery,
            self.device_name, rings,
        )  # fmt: skip

    def encode(self) -> bytes:
        """The plaintext of a vault."""
        flags = (_HAS_ACCOUNT if self.account is not None else 0) | (
            _HAS_RECOVERY if self.recovery is not None else 0
        )
        parts = [bytes((_VERSION, flags)), self.device_key.seed, self.sealing_secret.secret]
        parts += [self.account or b"", self.recovery or b""]
        parts += [encode_varbytes(self.device_name.encode()), encode_uvarint(len(self.rings))]
        for subject, ring in sorted(self.rings.items()):
            parts += [subject, encode_varbytes(ring.encode())]
        return b"".join(parts)

    @staticmethod
    def decode(encoded: bytes) -> "VaultContents":
        """Raises RecordError."""
        reader = Reader(encoded, RecordError)
        if reader.u8() != _VERSION:
            raise RecordError("an unknown version")
        flags = reader.u8()
        if flags & ~(_HAS_ACCOUNT | _HAS_RECOVERY):
            raise RecordError("unknown flags")
        device_key = SigningKey(reader.take(32))
        sealing_secret = SealingSecret(reader.take(32))
        account = SubjectId(PublicKey(reader.take(32))) if flags & _HAS_ACCOUNT else None
        recovery = reader.take(32) if flags & _HAS_RECOVERY else None
        name = reader.text(DEVICE_NAME_BYTES_MAX)
        rings = _read_rings(reader)
        reader.end()
        return VaultContents(device_key, sealing_secret, account, recovery, name, rings)


def _read_rings(reader: Reader) -> Mapping[SubjectId, KeyRing]:
    rings: dict[SubjectId, KeyRing] = {}
    last = b""
    for _ in range(reader.uvarint(reader.remaining)):
        subject = reader.take(32)
        if subject <= last:
            raise RecordError("rings out of order")
        last = subject
        rings[SubjectId(PublicKey(subject))] = KeyRing.decode(reader.varbytes(_RING_BYTES_MAX))
    return MappingProxyType(rings)
