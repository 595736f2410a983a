"""Plain rooms that live in a worker: what comes is queued, and taken in by as much as is there."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sakya_sync.bus.local import Subscriber
from sakya_sync.errors import IntegrityError, SakyaError
from sakya_sync.relay.plain.calls import Call, Reply, Said, Verdict
from sakya_sync.relay.plain.room import Answer, Enter, Entrance, Keeper, OpenRoom, Shut, Topic
from sakya_sync.relay.plain.workers import CallFailed, WorkerBroke
from sakya_sync.session.rooms.plain import VersionUnknown, Welcome
from sakya_sync.wire.messages import AckStatus

CONDENSE_ENTRIES: Final = 256
CONDENSE_ENTRIES_IDLE: Final = 8
TAKE_BYTES_MAX: Final = 4 * 1024 * 1024
QUEUE_BYTES_MAX: Final = 16 * 1024 * 1024
_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class _Join:
    version: bytes
    enter: Enter
    done: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class _Offer:
    updates: tuple[bytes, ...]
    origin: Subscriber
    answer: Answer

    @property
    def size(self) -> int:
        return sum(map(len, self.updates))


class OpenDocument(OpenRoom):
    """See the module."""

    def __init__(self, keeper: Keeper, topic: Topic, number: int, *, begun: bool) -> None:
        super().__init__(keeper, topic, number, begun=begun)
        self._worker = keeper.workers.of(number)
        self._queue: deque[_Join | _Offer] = deque()
        self._queued_bytes = 0
        self._space = asyncio.Event()
        self._space.set()
        self._task: asyncio.Task[None] | None = None
        self._generation = 0
        """Of the worker that holds the document; 0 for none."""
        self._entries = 0
        self._entry_bytes = 0
        self._condensed_bytes = 0

    def unsettle(self) -> None:
        self._generation = 0

    async def ready(self) -> None:
        await self._space.wait()

    async def welcome(self, version: bytes, enter: Enter) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(_Join(version, enter, done))
        self._work()
        await done

    def take(self, updates: Sequence[bytes], origin: Subscriber, answer: Answer) -> None:
        offer = _Offer(tuple(updates), origin, answer)
        self._queue.append(offer)
        self._queued_bytes += offer.size
        if self._queued_bytes > QUEUE_BYTES_MAX:
            self._space.clear()
        self._work()

    async def settled(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task])
        await super().settled()

    def tidy(self) -> None:
        self._work()

    def _work(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._queue or self._deserted:
                if not self._queue:
                    if await self._abandon():
                        return
                    continue
                if isinstance(self._queue[0], _Join):
                    join = self._queue.popleft()
                    assert isinstance(join, _Join)
                    await self._let_in(join)
                    continue
                await self._take_all(self._gathered())
                if self._due(CONDENSE_ENTRIES):
                    await self._condense()
        finally:
            self._task = None

    def _gathered(self) -> list[_Offer]:
        """The offers at the head of the queue, as many as make one call."""
        offers: list[_Offer] = []
        size = 0
        while self._queue and size < TAKE_BYTES_MAX:
            head = self._queue[0]
            if isinstance(head, _Join):
                break
            self._queue.popleft()
            offers.append(head)
            size += head.size
        self._queued_bytes -= size
        if self._queued_bytes <= QUEUE_BYTES_MAX:
            self._space.set()
        return offers

    async def _let_in(self, join: _Join) -> None:
        answer: Entrance = Shut.UNAVAILABLE
        try:
            said = await self._call(Call.WELCOME, (join.version,))
            if said.tag == Reply.UNKNOWN_VERSION:
                answer = VersionUnknown(said.fields[0])
            else:
                answer = Welcome(said.fields[0], updates=said.fields[1:])
            # Nobody is told of what is not durable.
            await super().settled()
        except (WorkerBroke, CallFailed, IntegrityError):
            answer = Shut.DAMAGED
        except SakyaError:
            answer = Shut.UNAVAILABLE
        finally:
            join.enter(answer)
            if not join.done.done():
                join.done.set_result(None)

    async def _take_all(self, offers: Sequence[_Offer]) -> None:
        updates = [update for offer in offers for update in offer.updates]
        try:
            said = await self._call(Call.TAKE, updates, strikes=2 if len(offers) == 1 else 1)
        except (WorkerBroke, CallFailed):
            self._generation = 0
            if len(offers) > 1:
                # One of them did it: each for itself.
                for offer in offers:
                    await self._take_all((offer,))
                return
            offers[0].answer(AckStatus.INVALID_UPDATE)
            return
        except SakyaError:
            for offer in offers:
                offer.answer(AckStatus.UNKNOWN)
            return
        verdicts = iter(said.fields[0])
        for offer in offers:
            self._taken(offer, [Verdict(next(verdicts)) for _ in offer.updates])

    def _taken(self, offer: _Offer, verdicts: Sequence[Verdict]) -> None:
        new = [
            update
            for update, verdict in zip(offer.updates, verdicts, strict=True)
            if verdict is Verdict.NEW
        ]
        status = AckStatus.INVALID_UPDATE if Verdict.INVALID in verdicts else AckStatus.OK
        if not new:
            self._answer_held(offer.answer, status)
            return
        batch = self._batch()
        self._put(batch, new)
        self._entries += len(new)
        self._entry_bytes += sum(map(len, new))

        def stored() -> None:
            self._publish(new, offer.origin)
            offer.answer(status)

        self._submit(batch, stored, lambda: offer.answer(AckStatus.UNKNOWN))

    def _due(self, entries: int) -> bool:
        """Whether a snapshot costs less than what it saves."""
        return self._entries >= entries and self._entry_bytes * 8 >= self._condensed_bytes

    async def _condense(self) -> None:
        try:
            said = await self._call(Call.CONDENSE, strikes=1)
        except (WorkerBroke, CallFailed, SakyaError):
            self._generation = 0
            said = None
        self._entries = self._entry_bytes = 0
        if said is None or not said.fields:
            return
        (body,) = said.fields
        self._condensed_bytes = len(body)
        batch = self._batch()
        batch.replace(self._number, self._next, body)
        self._next += 1
        self._submit(batch, lambda: None, lambda: None)

    async def _abandon(self) -> bool:
        """Nobody is here: make it small, and let go of it, unless somebody comes meanwhile."""
        if self._generation == self._worker.generation and self._due(CONDENSE_ENTRIES_IDLE):
            await self._condense()
        await super().settled()
        if self._queue or not self._deserted:
            return False
        self._keeper.forget(self)
        if self._generation and self._generation == self._worker.generation:
            self._generation = 0
            with suppress(WorkerBroke, CallFailed):
                await self._worker.call(Call.CLOSE, self._number)
        return True

    async def _call(self, call: Call, fields: Sequence[bytes] = (), *, strikes: int = 2) -> Said:
        """Ask the worker that holds the document.

        Args: strikes: how often it may break while it is at this call, before that is taken for
            the call's fault: whoever is short of memory may have killed it.

        Raises: WorkerBroke, CallFailed, and what reading the store does.
        """
        for _ in range(_ATTEMPTS):
            try:
                await self._open()
                return await self._worker.call(call, self._number, fields)
            except WorkerBroke as broke:
                strikes -= broke.at_it
                if strikes <= 0:
                    raise
        raise WorkerBroke(at_it=True)

    async def _open(self) -> None:
        await self._worker.start()
        if self._generation == self._worker.generation:
            return
        await super().settled()
        store = self._keeper.store
        self._begun = store.room(*self.topic) is not None
        entries = list(store.entries(self._number))
        self._next = entries[-1].number + 1 if entries else 0
        self._entries = max(0, len(entries) - 1)
        self._entry_bytes = sum(len(entry.body) for entry in entries[1:])
        self._condensed_bytes = len(entries[0].body) if entries else 0
        generation = self._worker.generation
        magic = self.topic[0].value
        bodies = [entry.body for entry in entries]
        await self._worker.call(Call.OPEN, self._number, (magic, *bodies))
        self._generation = generation
