"""Fan-out within one process.

What a room gathers in one turn of the event loop leaves as one message, encoded once, in one write
for each subscriber: that is what brings a relay in Python near to one in C.
"""

import asyncio
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic, Protocol, TypeVar


class Subscriber(Protocol):
    """Somebody who takes encoded frames."""

    def push(self, frames: Sequence[bytes]) -> None:
        """Send frames; never blocks."""


Topic = TypeVar("Topic", bound=Hashable)


class LocalBus(Generic[Topic]):
    """Topics with subscribers, and what was published and not handed on yet."""

    def __init__(self, encode: Callable[[Topic, list[bytes]], list[bytes]]) -> None:
        """Args: encode: the frames that carry some updates of a topic."""
        self.encode = encode
        self._subscribers: dict[Topic, dict[Subscriber, None]] = {}
        self._gathered: dict[Topic, list[tuple[bytes, Subscriber | None]]] = {}

    def subscribe(self, topic: Topic, subscriber: Subscriber) -> None:
        """Hand on from now; what was published before is not."""
        self._flush_topic(topic)
        self._subscribers.setdefault(topic, {})[subscriber] = None

    def unsubscribe(self, topic: Topic, subscriber: Subscriber) -> None:
        """Hand nothing on any longer."""
        subscribers = self._subscribers.get(topic)
        if subscribers is not None:
            subscribers.pop(subscriber, None)
            if not subscribers:
                del self._subscribers[topic]

    def subscribers(self, topic: Topic) -> Collection[Subscriber]:
        """Who is subscribed now, as long as nobody comes or goes."""
        return self._subscribers.get(topic, {}).keys()

    def publish(self, topic: Topic, update: bytes, origin: Subscriber | None) -> None:
        """Hand an update to every subscriber but the one it came from, at the end of this turn."""
        if topic not in self._subscribers:
            return
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._flush)
        self._gathered.setdefault(topic, []).append((update, origin))

    def _flush(self) -> None:
        for topic in list(self._gathered):
            self._flush_topic(topic)

    def _flush_topic(self, topic: Topic) -> None:
        gathered = self._gathered.pop(topic, None)
        subscribers = self._subscribers.get(topic)
        if not gathered or not subscribers:
            return
        origins = {origin for _, origin in gathered if origin is not None}
        everything: list[bytes] | None = None
        for subscriber in list(subscribers):
            if subscriber in origins:
                others = [update for update, origin in gathered if origin is not subscriber]
                if others:
                    subscriber.push(self.encode(topic, others))
                continue
            if everything is None:
                everything = self.encode(topic, [update for update, _ in gathered])
            subscriber.push(everything)
