"""Plain rooms whose updates the relay sees from outside: everything happens at once."""

from collections.abc import Callable, Sequence

from sakya_sync.bus.local import Subscriber
from sakya_sync.errors import IntegrityError, RecordError, SakyaError
from sakya_sync.relay.plain.room import Answer, Enter, Entrance, Keeper, OpenRoom, Shut, Topic
from sakya_sync.session.rooms.plain import LogRoom, Welcome
from sakya_sync.wire.messages import AckStatus


class OpenLog(OpenRoom):
    """See the module."""

    def __init__(
        self,
        keeper: Keeper,
        topic: Topic,
        number: int,
        make: Callable[[], LogRoom],
        *,
        begun: bool,
    ) -> None:
        super().__init__(keeper, topic, number, begun=begun)
        self._make = make
        self._read: LogRoom | None = None

    def unsettle(self) -> None:
        self._read = None

    async def ready(self) -> None:
        """At once: nothing is queued."""

    async def welcome(self, version: bytes, enter: Enter) -> None:
        enter(self._entrance(version))

    def take(self, updates: Sequence[bytes], origin: Subscriber, answer: Answer) -> None:
        try:
            room = self._room()
        except SakyaError:
            answer(AckStatus.UNKNOWN)
            return
        taken = room.take(updates, self._keeper.clock.now())
        if not taken.store:
            self._publish(taken.forward, origin)
            self._answer_held(answer, taken.status)
            return
        batch = self._batch()
        self._put(batch, taken.store)
        batch.retire(self._number, taken.retire, self._keeper.clock.wall_ms())
        batch.drop(self._number, taken.drop)
        batch.mark(self._number, taken.marks)

        def stored() -> None:
            self._publish(taken.forward, origin)
            answer(taken.status)
            self.tidy()

        def lost() -> None:
            answer(AckStatus.UNKNOWN)
            self.tidy()

        self._submit(batch, stored, lost)

    def tidy(self) -> None:
        if self._deserted and not self._commits:
            self._keeper.forget(self)

    def _entrance(self, version: bytes) -> Entrance:
        try:
            welcome = self._room().welcome(version, self._keeper.clock.now())
            if isinstance(welcome, Welcome) and welcome.stored:
                # Those that are not stored yet come live, once they are.
                kept = self._room().pack(self._keeper.store.bodies(self._number, welcome.stored))
                welcome = Welcome(welcome.version, updates=(*kept, *welcome.updates))
        except (RecordError, IntegrityError):
            return Shut.DAMAGED
        except SakyaError:
            return Shut.UNAVAILABLE
        return welcome

    def _room(self) -> LogRoom:
        """The room's state, read again where that is not certain. Raises what reading does."""
        if self._read is not None:
            return self._read
        room = self._make()
        if room.stored:
            store = self._keeper.store
            self._begun = store.room(*self.topic) is not None
            entries = list(store.entries(self._number))
            room.restore(entries, store.marks(self._number))
            self._next = entries[-1].number + 1 if entries else 0
        self._read = room
        return room
