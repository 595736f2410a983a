"""What a key may do with a subject's rooms."""

from enum import IntEnum
from types import MappingProxyType

from sakya_sync.errors import CertificateInvalid


class Power(IntEnum):
    """Four steps, each with all of those below it. Keys that hold none have `None`."""

    PULL = 1
    """Fetch and forward records, without a key that opens them."""
    READ = 2
    """Be handed the keys."""
    WRITE = 3
    """Author records."""
    ADMIN = 4
    """Delegate, revoke, and begin epochs."""

    @property
    def tag(self) -> int:
        """The ASCII byte it has in a certificate; its order is not that of the powers."""
        return _TAGS[self]

    @classmethod
    def from_tag(cls, tag: int) -> "Power":
        """The power a byte names. Raises CertificateInvalid."""
        power = _POWERS.get(tag)
        if power is None:
            raise CertificateInvalid("unknown power")
        return power


_TAGS = MappingProxyType({Power.PULL: 0x50, Power.READ: 0x52, Power.WRITE: 0x57, Power.ADMIN: 0x41})
_POWERS = MappingProxyType({tag: power for power, tag in _TAGS.items()})
