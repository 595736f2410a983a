"""Who may do what: the access rooms that are in use, and the answers they give."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sakya_sync.access.certificates import Certificate
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.heads import project_digest
from sakya_sync.access.members import Members
from sakya_sync.errors import CertificateInvalid, LimitExceeded
from sakya_sync.ids import SubjectId
from sakya_sync.session.rooms.access import (
    AccessRecord,
    AccessRoom,
    closure,
    members_of,
    read_record,
)
from sakya_sync.store.relay.store import RelayBatch, RelayStore


class Subjects:
    """Access rooms, loaded when first asked for, and what they say together."""

    def __init__(self, store: RelayStore) -> None:
        self._store = store
        self._rooms: dict[SubjectId, AccessRoom] = {}
        self._digests: dict[SubjectId, dict[str, bytes]] = {}
        self._moved: dict[SubjectId, dict[str, Callable[[], bytes]]] = {}
        self._members: dict[SubjectId, tuple[int, tuple[int, ...], Members]] = {}
        self._additions = 0

    def room(self, subject: SubjectId) -> AccessRoom:
        """A subject's access room; an empty one for each of those that nobody has heard of.

        Anybody may ask for these, so they are not kept.
        """
        found = self._rooms.get(subject)
        if found is None:
            found = AccessRoom(subject)
            found.add(
                read_record(body, subject, found.find)
                for body in self._store.access_records(subject)
            )
            if found.records:
                self._rooms[subject] = found
        return found

    def known(self, subject: SubjectId) -> bool:
        """Whether anything is kept of a subject."""
        return bool(self.room(subject).records)

    def members(self, subject: SubjectId) -> Members:
        """Who takes part in a subject, by all certificates that bear on it."""
        known = self._members.get(subject)
        if known is not None and known[0] == self._additions:
            return known[2]
        rooms = closure(subject, self.room)
        stamp = tuple(len(room.records) for room in rooms)
        # What was added since then may have been anybody else's.
        members = known[2] if known is not None and known[1] == stamp else members_of(rooms)
        if any(stamp):
            self._members[subject] = (self._additions, stamp, members)
        return members

    def members_with(self, subject: SubjectId, extra: Iterable[Certificate]) -> Members:
        """The same, as it would be with some more certificates."""
        certificates = list(extra)
        found = CertificateSet(certificates)
        reached = {subject, *(SubjectId(item.audience) for item in found.delegations())}
        rooms = {room.subject: room for one in reached for room in closure(one, self.room)}
        return members_of(rooms.values(), certificates)

    def digests(self, subject: SubjectId) -> Mapping[str, bytes]:
        """The digests of a subject's rooms that hold a record."""
        found = self._digests.get(subject)
        if found is None:
            found = self._digests[subject] = self._store.digests(subject)
        for name, digest in self._moved.pop(subject, {}).items():
            found[name] = digest()
        return found

    def moved(self, subject: SubjectId, name: str, digest: Callable[[], bytes]) -> None:
        """A room holds more; its digest is asked for when somebody wants to know."""
        self._moved.setdefault(subject, {})[name] = digest

    def project_digest(self, subject: SubjectId) -> bytes:
        """Names everything a subject's rooms hold."""
        return project_digest(self.digests(subject).values())

    def read(self, updates: Sequence[bytes], subject: SubjectId) -> list[AccessRecord]:
        """Verified records. Raises CertificateInvalid."""
        room = self.room(subject)
        return [read_record(body, subject, room.find) for body in updates]

    def add(self, records: Iterable[AccessRecord], batch: RelayBatch) -> list[AccessRecord]:
        """Number records that are new, each in the room it belongs in, and have them stored.

        Raises: CertificateInvalid, when a room would hold more than CERTIFICATES_MAX.
        """
        added: list[AccessRecord] = []
        for record in records:
            room = self._rooms.setdefault(record.subject, self.room(record.subject))
            try:
                new = room.add([record])
            except LimitExceeded as error:
                raise CertificateInvalid(error.details["detail"]) from None
            if new:
                self._additions += 1
                batch.access(record.subject, len(room.records) - 1, record.body)
                added.append(record)
        return added

    def forget(self) -> None:
        """What is in memory may not be what is stored: read it again when asked."""
        self._rooms.clear()
        self._digests.clear()
        self._moved.clear()
        self._members.clear()
