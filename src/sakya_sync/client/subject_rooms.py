"""The rooms of one subject on this device: its access room, and sealed rooms opened when needed.

Everything here runs on the event loop but the commits. Rooms say that they were *touched*; the
flusher gathers what all of them have to make durable into one commit, and only then sends.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from sakya_sync.access.heads import project_digest
from sakya_sync.access.notice import NOTICE_DIGEST_BYTES
from sakya_sync.client.access_room import COUNT_KEY, AccessRoom
from sakya_sync.client.identity import Identity
from sakya_sync.client.link import Link
from sakya_sync.client.names import STRUCTURE
from sakya_sync.client.sealed_room import SealedRoom
from sakya_sync.client.trust import Trust
from sakya_sync.errors import RecordError, SakyaError
from sakya_sync.ids import SubjectId
from sakya_sync.ports import Clock, Entropy
from sakya_sync.replica.commits import Stamp
from sakya_sync.store.device.batch import Batch
from sakya_sync.store.device.store import DeviceStore, RoomRow
from sakya_sync.wire.varint import Reader

RETRY_SECONDS: Final = 1.0
"""After which a commit that failed is tried again."""


class SubjectRooms:
    """See the module. `start` begins flushing; `stop` ends it after a last flush."""

    def __init__(
        self,
        subject: SubjectId,
        identity: Identity,
        trust: Trust,
        store: DeviceStore,
        link: Link,
        *,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self.subject = subject
        self.store = store
        self.identity = identity
        self.trust = trust
        self.link = link
        self.clock = clock
        self.entropy = entropy
        self.problem: SakyaError | None = None
        # Where only the keys are wanted, the subject's other rooms stay where they are.
        self.only_access = False
        self.imported: Callable[[str], None] = lambda _: None
        self.rejected: Callable[[str, str], None] = lambda _name, _reason: None
        self.progressed: Callable[[], None] = lambda: None
        self._rows: dict[str, RoomRow] = {row.name: row for row in store.rooms()}
        self._digests: dict[str, bytes] = {
            row.name: row.digest for row in self._rows.values() if row.digest is not None
        }
        self._open: dict[str, SealedRoom] = {}
        # In the order they were touched, so that equal runs send in equal order.
        self._touched_rooms: dict[str, None] = {}
        self._begun: set[str] = set()
        self._extra = Batch()
        self._touch = asyncio.Event()
        self._flushing: asyncio.Task[None] | None = None
        self._flushed = False
        self._one_at_a_time = asyncio.Lock()
        self._timers: set[asyncio.Task[None]] = set()
        self._keys = 0
        self.access = AccessRoom(
            subject,
            identity,
            trust,
            link,
            digest=self._project_digest,
            touched=self._touched,
            noticed=self._noticed,
            listed=self._listed,
            later=self.later,
        )
        count = store.meta(COUNT_KEY)
        known = 0 if count is None else Reader(count, RecordError).uvarint()
        self.access.load(store.access_records(), known)

    # Rooms.

    def room(self, name: str) -> SealedRoom:
        """A sealed room of the subject; opened, or begun, if it was not."""
        found = self._open.get(name)
        if found is not None:
            return found
        row = self._rows.get(name)
        if row is None:
            row = RoomRow(self.store.next_room(), name, b"\x00", None)
            self._rows[name] = row
            self._extra.room(row.number, name)
        room = SealedRoom(self, row)
        self._open[name] = room
        return room

    def opened(self) -> list[SealedRoom]:
        """The rooms that are open."""
        return list(self._open.values())

    def is_open(self, name: str) -> SealedRoom | None:
        """A room, if it is open."""
        return self._open.get(name)

    def row(self, name: str) -> RoomRow | None:
        """What is kept of a room, without opening it."""
        return self._rows.get(name)

    def names(self) -> list[str]:
        """Every room that is kept."""
        return list(self._rows)

    def attach(self) -> None:
        """Join the access room, and every room that has something to send."""
        self.link.attach(self.access)
        for name in self.store.unsent():
            if name != STRUCTURE:
                self.begun(name)
            self.link.attach(self.room(name))

    def renamed(self, row: RoomRow) -> None:
        """A room holds something else now."""
        self._rows[row.name] = row
        if row.digest is not None:
            self._digests[row.name] = row.digest

    @property
    def settled(self) -> bool:
        """Whether everything here is at the relay, and everything at the relay is here."""
        return (
            self.access.settled
            and not self._touched_rooms
            and not self._extra
            and self._flushed
            and all(room.settled for room in self._open.values() if room.wanted)
        )

    @property
    def waiting(self) -> tuple[int, int]:
        """How many rooms are in sync, of how many that take part in this sync."""
        rooms = [room for room in self._open.values() if room.wanted]
        return sum(room.settled for room in rooms), len(rooms)

    def first_problem(self) -> SakyaError | None:
        """What keeps this subject from being in sync, if it is known."""
        if self.problem or self.access.problem:
            return self.problem or self.access.problem
        return next((room.problem for room in self._open.values() if room.problem), None)

    # Flushing.

    def touch(self, room: SealedRoom) -> None:
        """A room has something to save or to send."""
        self._touched_rooms[room.name] = None
        self._touched()

    def also(self) -> Batch:
        """A batch that is committed together with what rooms save next; fill it at once."""
        self._touched()
        return self._extra

    # What a new file holds goes before the entry that names it, so that no device sees the one
    # without the other.

    def begun(self, name: str) -> None:
        """A room's first record has been written here."""
        self._begun.add(name)

    def arrived(self, name: str) -> None:
        """A room has nothing on its way, or cannot send it."""
        if name in self._begun:
            self._begun.discard(name)
            structure = self._open.get(STRUCTURE)
            if not self._begun and structure is not None:
                self.touch(structure)

    def holds_back(self, name: str) -> bool:
        """Whether others have to be sent before this room."""
        return name == STRUCTURE and bool(self._begun)

    def _touched(self) -> None:
        self._flushed = False
        self._touch.set()

    def start(self) -> None:
        """Begin flushing."""
        self._flushing = asyncio.create_task(self._flush_forever())

    async def stop(self) -> None:
        """Flush what is left, then end."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)
            self._flushing = None
        try:
            await self.flush()
        finally:
            for timer in self._timers:
                timer.cancel()
            await asyncio.gather(*self._timers, return_exceptions=True)

    async def flush(self) -> None:
        """One round: save what was touched, then send it.

        Raises what the store raises; what could not be saved is kept for the next round.
        """
        async with self._one_at_a_time:
            await self._flush()

    async def _flush(self) -> None:
        self._touch.clear()
        self._look_for_keys()
        batch, self._extra = self._extra, Batch()
        names, self._touched_rooms = self._touched_rooms, {}
        to_send = [(room, room.save(batch)) for name in names if (room := self._open.get(name))]
        access = self.access.save(batch)
        try:
            await self.store.commit(batch)
        except BaseException:
            # How far it came is not known. To write it once more does no harm; without it, nothing
            # that follows would fit together.
            batch.extend(self._extra)
            self._extra = batch
            for room, containers in to_send:
                room.not_sent(containers)
                self._touched_rooms[room.name] = None
            self._touched()
            raise
        self.problem = None
        self.access.send(access)
        for room, containers in to_send:
            room.send(containers)
        if self.access.rejoin_wanted:
            self.access.rejoin_wanted = False
            self.link.rejoin(self.access)
        self.link.flush()
        if not self._touch.is_set():
            self._flushed = True
        self.progressed()

    def stamp(self) -> Stamp:
        """Now, as a commit tells it."""
        return Stamp(self.clock.wall_ms() // 1000, self.clock.utc_offset_minutes())

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after a while, unless this has ended by then."""

        async def wait() -> None:
            await self.clock.sleep(seconds)
            action()

        task = asyncio.create_task(wait())
        self._timers.add(task)
        task.add_done_callback(self._timers.discard)

    def _look_for_keys(self) -> None:
        """Let rooms open what waited for keys that have come."""
        keys = len(self.access.ring)
        if keys != self._keys:
            self._keys = keys
            for room in self._open.values():
                room.new_keys()

    async def _flush_forever(self) -> None:
        while True:
            await self._touch.wait()
            try:
                await self.flush()
            except SakyaError as error:
                self.problem = error
                self.progressed()
                await self.clock.sleep(RETRY_SECONDS)

    # What the access room tells.

    def _project_digest(self) -> bytes:
        return project_digest(self._digests.values())

    def _noticed(self, rooms: tuple[tuple[str, bytes], ...]) -> None:
        """Join the rooms that differ from what is held."""
        if self.only_access:
            return
        for name, digest in rooms:
            held = self._digests.get(name)
            if held is not None and held[:NOTICE_DIGEST_BYTES] == digest:
                continue
            room = self._open.get(name)
            if room is None or not room.wanted:
                self.room(name).want()
        self.progressed()

    def _listed(self, names: frozenset[str]) -> None:
        """Join the rooms that are held and that the relay lacks: it is new, or lost them."""
        if self.only_access:
            return
        for name in [name for name in self._digests if name not in names]:
            room = self._open.get(name)
            if room is None or not room.wanted:
                self.room(name).want()
        self.progressed()
