"""What the frames of a linking carry.

Spec: docs/protocol.md#linking; vectors/linking/messages.json.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from sakya_sync.access.certificates import (
    DELEGATION_BYTES,
    Acceptance,
    Certificate,
    Delegation,
    decode,
)
from sakya_sync.errors import CertificateInvalid, LinkingError, RemoteViolation
from sakya_sync.ids import DeviceId, PublicKey, SealingKey, SubjectId
from sakya_sync.limits import LINK_CERTIFICATES_MAX
from sakya_sync.seal.keys import SealingSecret, SigningKey, verify
from sakya_sync.wire.varint import Reader, encode_uvarint, encode_varbytes

NAME_BYTES_MAX: Final = 128
TOKEN_BYTES: Final = 32

_POSSESSION = b"sakya-sync/link-possession/1\0"


class Refusal(IntEnum):
    """Why a device ends a linking, as it tells the other."""

    DENIED = 1
    BROKEN_OFF = 2
    NOT_REGISTERED = 3
    NOT_UNDERSTOOD = 4


@dataclass(frozen=True, slots=True)
class Hello:
    """Who the new device is. Nothing of it is trusted but that it holds the key."""

    name: str
    platform: str
    version: str
    device: DeviceId
    sealing_key: SealingKey
    possession: bytes
    """The device's signature over this very conversation."""

    def encode(self) -> bytes:
        """A frame's body."""
        texts = (self.name, self.platform, self.version)
        joined = b"".join(encode_varbytes(text.encode()) for text in texts)
        return joined + self.device + self.sealing_key + self.possession


def hello(
    transcript: bytes,
    signing: SigningKey,
    sealing: SealingSecret,
    *,
    name: str,
    platform: str,
    version: str,
) -> Hello:
    """Signed for one conversation, which `transcript` names."""
    possession = signing.sign(_POSSESSION, transcript + sealing.public)
    return Hello(
        shown(name), shown(platform), shown(version), DeviceId(signing.public), sealing.public,
        possession,
    )  # fmt: skip


def read_hello(body: bytes, transcript: bytes) -> Hello:
    """Check that who says it holds the key it names. Raises LinkingError."""
    reader = Reader(body, LinkingError)
    name, platform, version = (reader.text(NAME_BYTES_MAX) for _ in range(3))
    device, sealing_key = reader.take(32), reader.take(32)
    possession = reader.take(64)
    reader.end()
    if not all(text == shown(text) for text in (name, platform, version)) or not name:
        raise LinkingError("a name that cannot be shown")
    try:
        verify(PublicKey(device), _POSSESSION, transcript + sealing_key, possession)
    except RemoteViolation:
        raise LinkingError("a device that does not hold its key") from None
    keys = DeviceId(PublicKey(device)), SealingKey(sealing_key)
    return Hello(name, platform, version, *keys, possession)


def shown(text: str) -> str:
    """A name as a screen can take it: in one line, without control characters, not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    while len(line.encode()) > NAME_BYTES_MAX:
        line = line[:-1]
    return line


@dataclass(frozen=True, slots=True)
class Provision:
    """What the existing device hands over once a person approved."""

    account: SubjectId
    token: bytes = field(repr=False)
    """32 random bytes that the relay takes once, from this device, within two minutes."""
    name: str
    """What the account calls the new device."""
    delegation: Delegation
    certificates: tuple[Certificate, ...]
    """What shows that the existing device may delegate."""

    def encode(self) -> bytes:
        """A frame's body."""
        parts = [self.account, self.token, encode_varbytes(self.name.encode())]
        parts += [self.delegation.encode(), encode_uvarint(len(self.certificates))]
        parts += [encode_varbytes(item.encode()) for item in self.certificates]
        return b"".join(parts)


def read_provision(body: bytes) -> Provision:
    """Raises LinkingError. Whether it is for this device, and from whom, is still to be checked."""
    reader = Reader(body, LinkingError)
    account, token = SubjectId(PublicKey(reader.take(32))), reader.take(TOKEN_BYTES)
    name = reader.text(NAME_BYTES_MAX)
    if name != shown(name) or not name:
        raise LinkingError("a name that cannot be shown")
    delegation = reader.take(DELEGATION_BYTES)
    encoded = [reader.varbytes() for _ in range(reader.uvarint(LINK_CERTIFICATES_MAX))]
    reader.end()
    granted, *certificates = _verified([delegation, *encoded])
    if not isinstance(granted, Delegation):
        raise LinkingError("no delegation")
    return Provision(account, token, name, granted, tuple(certificates))


def read_done(body: bytes) -> Acceptance:
    """The new device's acceptance. Raises LinkingError."""
    (acceptance,) = _verified([body])
    if not isinstance(acceptance, Acceptance):
        raise LinkingError("no acceptance")
    return acceptance


def read_refusal(body: bytes) -> Refusal:
    """Raises LinkingError."""
    try:
        return Refusal(Reader(body, LinkingError).u8())
    except ValueError:
        raise LinkingError("an unknown refusal") from None


def _verified(encoded: Iterable[bytes]) -> list[Certificate]:
    try:
        return [decode(item) for item in encoded]
    except CertificateInvalid as error:
        raise LinkingError(f"a certificate: {error.details['detail']}") from None
