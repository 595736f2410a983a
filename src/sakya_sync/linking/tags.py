"""Short names of what a device has to find at the other end. Spec: docs/protocol.md#linking."""

from hashlib import sha256

from sakya_sync.ids import PublicKey, SealingKey, SubjectId
from sakya_sync.linking.payload import TAG_BYTES


def device_tag(device: PublicKey, sealing_key: SealingKey) -> bytes:
    """16 bytes for both keys of a device."""
    return sha256(b"SakyaLink/1 device-id" + device + sealing_key).digest()[:TAG_BYTES]


def account_tag(account: SubjectId) -> bytes:
    """16 bytes for an account."""
    return sha256(b"SakyaLink/1 account-id" + account).digest()[:TAG_BYTES]
