"""`%SKA` rooms at the relay: certificates and epoch statements, numbered as they came.

Spec: docs/protocol.md#access.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from sakya_sync.access.certificates import Acceptance, Certificate, Delegation, Revocation
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.epochs import EpochStatement
from sakya_sync.access.members import Members
from sakya_sync.access.notice import Notice
from sakya_sync.access.ska import decode_access_record, record_digest
from sakya_sync.errors import CertificateInvalid, RemoteViolation
from sakya_sync.ids import CertificateId, PublicKey, SubjectId
from sakya_sync.session.rooms.names import ACCESS, room_id

Statement: TypeAlias = Certificate | EpochStatement


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """One record as it is stored."""

    subject: SubjectId
    digest: bytes
    body: bytes
    statement: Statement


class AccessRoom:
    """The records of one subject, in the order they were stored."""

    def __init__(self, subject: SubjectId) -> None:
        self.subject = subject
        self.room = room_id(subject, ACCESS)
        self.records: list[AccessRecord] = []
        self._digests: set[bytes] = set()
        self.certificates = CertificateSet()

    def __contains__(self, record: AccessRecord) -> bool:
        return record.digest in self._digests

    def add(self, records: Iterable[AccessRecord]) -> list[AccessRecord]:
        """Number those that are new, and return them."""
        news: list[AccessRecord] = []
        for record in records:
            if record in self:
                continue
            self._digests.add(record.digest)
            self.records.append(record)
            news.append(record)
        certificates = [
            item.statement for item in news if not isinstance(item.statement, EpochStatement)
        ]
        self.certificates = self.certificates.add(certificates)
        return news

    def find(self, certificate: CertificateId) -> Certificate | None:
        """A certificate by its id."""
        return self.certificates.get(certificate)

    def links(self) -> set[SubjectId]:
        """Subjects whose own records bear on who may do what here: every audience."""
        return {
            SubjectId(item.audience)
            for item in self.certificates.delegations()
            if item.audience != self.subject
        }


def read_record(
    body: bytes, subject: SubjectId, find: Callable[[CertificateId], Certificate | None]
) -> AccessRecord:
    """A verified record with the subject whose room it belongs in.

    Args:
        subject: of the room it came by.
        find: a held certificate by its id; a revocation belongs where its target is.

    Raises: CertificateInvalid, for anything that is no record a member may add.
    """
    try:
        statement = decode_access_record(body)
    except CertificateInvalid:
        raise
    except RemoteViolation as error:
        raise CertificateInvalid(error.details["detail"]) from None
    match statement:
        case Notice():
            raise CertificateInvalid("only a relay sends notices")
        case Delegation() | EpochStatement():
            home = statement.subject
        case Acceptance():
            home = statement.account
        case Revocation():
            target = find(statement.target)
            home = target.subject if isinstance(target, Delegation) else subject
    return AccessRecord(SubjectId(home), record_digest(body), body, statement)


def members_of(rooms: Iterable[AccessRoom], extra: Iterable[Certificate] = ()) -> Members:
    """What the certificates of several subjects say together."""
    together = CertificateSet()
    for room in rooms:
        together = together.union(room.certificates)
    return Members(together.add(extra))


def closure(subject: SubjectId, load: Callable[[SubjectId], AccessRoom]) -> list[AccessRoom]:
    """The rooms that bear on a subject: its own, and those of everybody it was delegated to."""
    found: dict[PublicKey, AccessRoom] = {}
    waiting = [subject]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found[current] = load(current)
        waiting.extend(found[current].links() - found.keys())
    return list(found.values())
