"""Whom this device believes: every certificate it holds, of all its subjects, and what they say.

Certificates of an account bear on every project the account takes part in, so there is one set.
"""

from collections.abc import Callable, Iterable

from sakya_sync.access.certificates import Certificate
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.members import Members


class Trust:
    """A set of certificates that only grows, and its answers, worked out when asked for."""

    def __init__(self) -> None:
        self.certificates = CertificateSet()
        self.listeners: list[Callable[[], None]] = []
        self._members: Members | None = None

    @property
    def members(self) -> Members:
        """Who takes part in what, by all that is held now."""
        if self._members is None:
            self._members = Members(self.certificates)
        return self._members

    def add(self, certificates: Iterable[Certificate]) -> bool:
        """Believe these too; whether any was new."""
        grown = self.certificates.add(certificates)
        if len(grown) == len(self.certificates):
            return False
        self.certificates = grown
        self._members = None
        for listener in self.listeners:
            listener()
        return True
