"""A set of certificates: only ever grows, and merging is union."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sakya_sync.access.certificates import Acceptance, Certificate, Delegation, Revocation
from sakya_sync.access.hashing import h32
from sakya_sync.errors import LimitExceeded
from sakya_sync.ids import CertificateId
from sakya_sync.limits import CERTIFICATES_MAX


class CertificateSet:
    """Immutable. Two sets are equal when they hold the same ids, which their digest tells."""

    __slots__ = ("_by_id", "_digest")

    def __init__(self, certificates: Iterable[Certificate] = ()) -> None:
        """Raises LimitExceeded, above CERTIFICATES_MAX."""
        by_id: dict[CertificateId, Certificate] = {}
        for certificate in certificates:
            by_id.setdefault(certificate.id, certificate)
        if len(by_id) > CERTIFICATES_MAX:
            raise LimitExceeded(f"a set of {len(by_id)} certificates")
        self._by_id: Mapping[CertificateId, Certificate] = by_id
        self._digest: bytes | None = None

    def add(self, certificates: Iterable[Certificate]) -> "CertificateSet":
        """This set and these; the same object when it holds them already."""
        news = [item for item in certificates if item.id not in self._by_id]
        return CertificateSet([*self._by_id.values(), *news]) if news else self

    def union(self, other: "CertificateSet") -> "CertificateSet":
        """Both sets in one."""
        return self.add(other)

    def get(self, certificate: CertificateId) -> Certificate | None:
        """The certificate with that id, if it is here."""
        return self._by_id.get(certificate)

    @property
    def digest(self) -> bytes:
        """32 bytes that name the set: equal digests, equal answers."""
        if self._digest is None:
            self._digest = h32(b"SakyaCertSet1", b"".join(sorted(self._by_id)))
        return self._digest

    def delegations(self) -> Iterator[Delegation]:
        """The delegations in it."""
        return (item for item in self if isinstance(item, Delegation))

    def acceptances(self) -> Iterator[Acceptance]:
        """The acceptances in it."""
        return (item for item in self if isinstance(item, Acceptance))

    def revocations(self) -> Iterator[Revocation]:
        """The revocations in it."""
        return (item for item in self if isinstance(item, Revocation))

    def __iter__(self) -> Iterator[Certificate]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, certificate: object) -> bool:
        """Whether it holds a certificate, given itself or its id."""
        if isinstance(certificate, (Delegation, Acceptance, Revocation)):
            return certificate.id in self._by_id
        return certificate in self._by_id

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CertificateSet):
            return NotImplemented
        return self._by_id.keys() == other._by_id.keys()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"<CertificateSet of {len(self)}, {self.digest.hex()[:16]}>"


EMPTY: Final = CertificateSet()
