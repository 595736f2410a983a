"""What one subject may store."""

from dataclasses import dataclass

from sakya_sync.ids import SubjectId
from sakya_sync.ports import Clock
from sakya_sync.relay.bucket import Buckets
from sakya_sync.relay.config import Quotas
from sakya_sync.store.relay.store import RelayStore


@dataclass(slots=True)
class _Usage:
    stored_bytes: int
    rooms: int


class SubjectQuotas:
    """One for all connections of a relay. What is refused here may be sent again later."""

    def __init__(self, quotas: Quotas, store: RelayStore, clock: Clock) -> None:
        self._quotas = quotas
        self._store = store
        self._clock = clock
        self._known: dict[SubjectId, _Usage] = {}
        rate = quotas.subject_records_per_second
        self._records = Buckets(rate) if rate else None
        self._counts = bool(quotas.subject_bytes or quotas.subject_rooms)

    def refusal(self, subject: SubjectId, new_bytes: int, *, new_room: bool) -> str | None:
        """Why a batch may not be stored now, if so."""
        if self._counts:
            usage, quotas = self._usage(subject), self._quotas
            if quotas.subject_bytes and usage.stored_bytes + new_bytes > quotas.subject_bytes:
                return "the subject stores as much as it may"
            if new_room and quotas.subject_rooms and usage.rooms >= quotas.subject_rooms:
                return "the subject has as many rooms as it may"
        if self._records is not None:
            now = self._clock.now()
            if self._records.of(subject, now).wait_seconds(now):
                return "the subject writes too fast"
        return None

    def took(self, subject: SubjectId, records: int, new_bytes: int, *, new_room: bool) -> None:
        """A batch was taken in."""
        if self._counts:
            usage = self._usage(subject)
            usage.stored_bytes += new_bytes
            usage.rooms += new_room
        if self._records is not None:
            now = self._clock.now()
            self._records.of(subject, now).spend(records, now)

    def forget(self) -> None:
        """What was taken in may not be what is stored: count again when asked."""
        self._known.clear()

    def _usage(self, subject: SubjectId) -> _Usage:
        found = self._known.get(subject)
        if found is None:
            found = self._known[subject] = _Usage(*self._store.usage(subject))
        return found
