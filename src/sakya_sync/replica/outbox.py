"""Own records that the relay has not acked yet, in order."""

from collections.abc import Iterable
from dataclasses import dataclass

from sakya_sync.ids import AuthorId
from sakya_sync.record.container import pack_all
from sakya_sync.seal.sealed import Sealed


@dataclass(frozen=True, slots=True)
class Parcel:
    """One container, and which records it holds."""

    container: bytes
    records: tuple[tuple[AuthorId, int], ...]


class Outbox:
    """Records stay until acked, and are sent again verbatim when the connection was lost."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[AuthorId, int], bytes] = {}
        self._under_way: set[tuple[AuthorId, int]] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, record: object) -> bool:
        return record in self._waiting

    @property
    def in_flight(self) -> bool:
        """Whether something was sent and is not acked."""
        return bool(self._under_way)

    def put(self, sealed: Sealed) -> None:
        """Queue a record."""
        self._waiting[sealed.author, sealed.wseq] = sealed.raw

    def take(self, bytes_max: int) -> list[Parcel]:
        """Everything not under way yet, in containers of at most so many bytes where possible."""
        keys = [key for key in self._waiting if key not in self._under_way]
        self._under_way.update(keys)
        parcels: list[Parcel] = []
        group: list[tuple[AuthorId, int]] = []
        size = 0
        for key in keys:
            length = len(self._waiting[key]) + 8
            if group and size + length > bytes_max:
                parcels.append(self._pack(group))
                group, size = [], 0
            group.append(key)
            size += length
        if group:
            parcels.append(self._pack(group))
        return parcels

    def acked(self, records: Iterable[tuple[AuthorId, int]]) -> list[tuple[AuthorId, int]]:
        """Forget records that the relay holds; which of them were here."""
        gone = [key for key in records if self._waiting.pop(key, None) is not None]
        self._under_way.difference_update(gone)
        return gone

    def put_back(self, records: Iterable[tuple[AuthorId, int]]) -> None:
        """What was taken was not sent."""
        self._under_way.difference_update(records)

    def lost(self) -> None:
        """The connection is gone: nothing is under way any longer."""
        self._under_way.clear()

    def _pack(self, group: list[tuple[AuthorId, int]]) -> Parcel:
        (container,) = pack_all([self._waiting[key] for key in group], 2**62)
        return Parcel(container, tuple(group))
