"""The keys that one end speaks with: a device's, or for a moment an account's own."""

from dataclasses import dataclass

from sakya_sync.ids import SubjectId
from sakya_sync.seal.keys import SealingSecret, SigningKey


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs, and who secrets are sealed to."""

    signing: SigningKey
    sealing: SealingSecret
    account: SubjectId
    name: str = ""
    """What the account calls the device."""
