"""A relay's store, and rooms that are written to it as the relay does it."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from relay.people import LAPTOP, SUBJECT
from sakya_sync.ids import DeviceId, SubjectId
from sakya_sync.record.container import pack
from sakya_sync.seal.sealed import Sealed
from sakya_sync.session.rooms.names import RoomName
from sakya_sync.session.rooms.sealed import Admitted, Owed, Refused, Rights, SealedRoom, owed
from sakya_sync.store.relay.store import RelayBatch, RelayStore

# Who may write is not the store's business.
ANYBODY = Rights(DeviceId(LAPTOP.public), lambda _: True, lambda _: True, False)
EVERYTHING: Owed = owed((), b"")


class Shelf:
    """Where a store lies: it can be closed and opened again."""

    def __init__(self, opened: Callable[[], RelayStore], batch: Callable[[], RelayBatch]) -> None:
        self._opened = opened
        self.batch = batch
        self.store = opened()

    def reopen(self) -> None:
        """As a relay does that is started again."""
        self.store.close()
        self.store = self._opened()

    def another(self) -> RelayStore:
        """The same store, opened a second time beside the first."""
        return self._opened()

    def room(self, name: str = "structure", subject: SubjectId = SUBJECT) -> "StoredLog":
        """A room as the store knows it; begun, if it does not."""
        return StoredLog(self, RoomName(subject, name))


class StoredLog:
    """A room that appends what its state admits."""

    def __init__(self, shelf: Shelf, name: RoomName) -> None:
        store = shelf.store
        kept = store.room(name.room)
        self._shelf = shelf
        self._name = name
        self._begun = kept is not None
        self.number = store.next_room() if kept is None else kept.number
        find = partial(store.record, self.number)
        self.state = (
            SealedRoom(name.room, find=find)
            if kept is None
            else SealedRoom(name.room, kept.heads, kept.owners, kept.snapshot, find=find)
        )

    def admit(self, *records: Sealed) -> Admitted | Refused:
        """What the room says to a batch; nothing is stored."""
        return self.state.admit([pack([record.raw for record in records])], ANYBODY)

    def batch(self, *records: Sealed) -> RelayBatch:
        """What is to be stored of records that the room takes."""
        verdict = self.admit(*records)
        assert isinstance(verdict, Admitted), verdict
        batch = self._shelf.batch()
        if not self._begun:
            batch.room(self.number, self._name.room, self._name.subject)
            self._begun = True
        batch.append(self.number, verdict)
        return batch

    async def append(self, *records: Sealed) -> None:
        """Store records; they are durable when this returns."""
        await self._shelf.store.submit(self.batch(*records))

    def backfill(self, asked: Owed = EVERYTHING) -> list[bytes]:
        """What a join is owed."""
        return list(self._shelf.store.backfill(self.number, asked))


def raw(records: Iterable[Sealed]) -> list[bytes]:
    """Records as they came."""
    return [record.raw for record in records]


def sqlite_shelf(directory: Path) -> Shelf:
    """In a folder of its own."""
    return Shelf(lambda: RelayStore(directory), RelayBatch)
