"""What every plain room in use has: a place in the store, and commits under way."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Final, TypeAlias

from sakya_sync.bus.local import LocalBus, Subscriber
from sakya_sync.errors import SakyaError
from sakya_sync.ids import RoomId
from sakya_sync.ports import Clock
from sakya_sync.relay.plain.workers import Workers
from sakya_sync.session.rooms.plain import VersionUnknown, Welcome
from sakya_sync.store.plain.store import PlainBatch, PlainStore
from sakya_sync.wire.messages import AckStatus, Magic

Topic: TypeAlias = tuple[Magic, RoomId]
Answer: TypeAlias = Callable[[AckStatus], None]


class Shut(Enum):
    """Why nobody can be let in."""

    DAMAGED = "what is stored of the room cannot be read"
    UNAVAILABLE = "not at the moment"


Entrance: TypeAlias = Welcome | VersionUnknown | Shut
Enter: TypeAlias = Callable[[Entrance], None]
"""Called once, at the moment from which on everything is delivered live."""

GRACE_MS: Final = 7 * 24 * 3600 * 1000
"""For how long what a later entry covers is kept."""


class Keeper:
    """What all plain rooms of a relay share."""

    def __init__(
        self,
        store: PlainStore,
        clock: Clock,
        bus: LocalBus[Topic],
        workers: Workers,
        failed: Callable[[SakyaError], None],
    ) -> None:
        self.store = store
        self.clock = clock
        self.bus = bus
        self.workers = workers
        self._failed = failed
        self.open: dict[Topic, OpenRoom] = {}
        self._swept_ms = 0
        self._term = 0

    def forget(self, room: "OpenRoom") -> None:
        """A room is not in use any longer."""
        if self.open.get(room.topic) is room:
            del self.open[room.topic]

    def submit(
        self, batch: PlainBatch, stored: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        """Have a batch stored, and be told what came of it."""
        term = self._term

        def settled(done: asyncio.Future[None]) -> None:
            error = done.exception()
            if error is None:
                stored()
                return
            assert isinstance(error, SakyaError)
            if term == self._term:
                # A later failure in the same term tells nothing new, and what was taken in since
                # must not be forgotten with it.
                self._forget(error)
            lost()

        now_ms = self.clock.wall_ms()
        if now_ms - self._swept_ms > GRACE_MS // 100:
            self._swept_ms = now_ms
            batch.sweep(now_ms - GRACE_MS)
        self.store.submit(batch).add_done_callback(settled)

    def _forget(self, error: SakyaError) -> None:
        """A commit failed: what is in memory is not what is stored."""
        self._term += 1
        self.store.resume()
        for room in list(self.open.values()):
            room.unsettle()
        self._failed(error)

    async def settled(self) -> None:
        """Wait until everything that was taken in is answered."""
        for room in list(self.open.values()):
            await room.settled()


class OpenRoom(ABC):
    """What both families share: a number in the store, entries, and commits under way."""

    def __init__(self, keeper: Keeper, topic: Topic, number: int, *, begun: bool) -> None:
        self.topic = topic
        self._keeper = keeper
        self._number = number
        self._begun = begun
        self._next = 0
        self._guests = 0
        self._commits: set[asyncio.Future[None]] = set()

    @abstractmethod
    async def welcome(self, version: bytes, enter: Enter) -> None:
        """Answer a join."""

    @abstractmethod
    def take(self, updates: Sequence[bytes], origin: Subscriber, answer: Answer) -> None:
        """Take a batch in, or refuse it; it is answered exactly once."""

    @abstractmethod
    def unsettle(self) -> None:
        """What is in memory may not be what is stored: read it again when it is needed."""

    def entered(self) -> None:
        """One more connection is in the room."""
        self._guests += 1

    def left(self) -> None:
        """One connection less."""
        self._guests -= 1
        self.tidy()

    @abstractmethod
    def tidy(self) -> None:
        """Let go of the room if nobody is in it."""

    @abstractmethod
    async def ready(self) -> None:
        """Wait until there is room for more."""

    @property
    def _deserted(self) -> bool:
        return self._guests == 0

    def _batch(self) -> PlainBatch:
        batch = PlainBatch()
        if not self._begun:
            batch.room(self._number, *self.topic)
            self._begun = True
        return batch

    def _put(self, batch: PlainBatch, bodies: Iterable[bytes]) -> None:
        for body in bodies:
            batch.put(self._number, self._next, body)
            self._next += 1

    def _submit(
        self, batch: PlainBatch, stored: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        under_way: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._commits.add(under_way)

        def end(then: Callable[[], None]) -> None:
            self._commits.discard(under_way)
            under_way.set_result(None)
            then()

        self._keeper.submit(batch, lambda: end(stored), lambda: end(lost))

    def _answer_held(self, answer: Answer, status: AckStatus) -> None:
        """Answer a batch that brought nothing new: not before what it repeats is durable."""
        if not self._commits:
            answer(status)
            return
        self._submit(PlainBatch(), lambda: answer(status), lambda: answer(AckStatus.UNKNOWN))

    def _publish(self, updates: Iterable[bytes], origin: Subscriber) -> None:
        for update in updates:
            self._keeper.bus.publish(self.topic, update, origin)

    async def settled(self) -> None:
        """Wait until what was taken in is stored, or could not be."""
        while self._commits:
            await asyncio.wait(self._commits)
