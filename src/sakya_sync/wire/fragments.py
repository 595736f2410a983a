"""Updates that do not fit a frame: cut up, and put together again.

Spec: docs/protocol.md#wire.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from sakya_sync.errors import LimitExceeded
from sakya_sync.ids import BatchId, RoomId
from sakya_sync.limits import (
    BATCH_BYTES_MAX,
    FRAGMENT_BATCHES_OPEN_MAX,
    FRAGMENT_DATA_BYTES,
    FRAGMENT_TIMEOUT_SECONDS,
    FRAGMENTS_MAX,
    UPDATE_BYTES_UNFRAGMENTED_MAX,
)
from sakya_sync.wire.messages import AckStatus, DocUpdate, Fragment, FragmentHeader, Magic, Message

BatchKey: TypeAlias = tuple[Magic, RoomId, BatchId]
"""Senders choose batch ids, so one is only unique within its connection and room."""


def fragment(magic: Magic, room: RoomId, batch: BatchId, update: bytes) -> list[Message]:
    """The messages that carry one update, in order: a DocUpdate, or a header and its fragments.

    Raises LimitExceeded, above BATCH_BYTES_MAX.
    """
    size = len(update)
    if size > BATCH_BYTES_MAX:
        raise LimitExceeded(f"an update of {size} bytes")
    if size <= UPDATE_BYTES_UNFRAGMENTED_MAX:
        return [DocUpdate(magic, room, (update,), batch)]
    messages: list[Message] = [FragmentHeader(magic, room, batch, _count(size), size)]
    for index, start in enumerate(range(0, size, FRAGMENT_DATA_BYTES)):
        part = update[start : start + FRAGMENT_DATA_BYTES]
        messages.append(Fragment(magic, room, batch, index, part))
    return messages


class Assembler:
    """The batches in fragments that one connection has open.

    It holds no more than was announced and accepted, and only what has arrived: at most
    FRAGMENT_BATCHES_OPEN_MAX batches of BATCH_BYTES_MAX. A batch that goes wrong is dropped and
    answered once; fragments of a batch that is not open are ignored, since they may well have
    been on their way when it was answered.
    """

    __slots__ = ("_open",)

    def __init__(self) -> None:
        # Oldest first, so the first is the next to run out of time.
        self._open: dict[BatchKey, _Batch] = {}

    def __len__(self) -> int:
        return len(self._open)

    def header(self, message: FragmentHeader, now: float) -> AckStatus | None:
        """Open a batch, or say what to answer in place of waiting for its fragments.

        RATE_LIMITED means that too many are open: the same batch may be sent again later.
        """
        key = (message.magic, message.room, message.batch)
        if self._open.pop(key, None) is not None:
            return AckStatus.INVALID_UPDATE
        if message.count > FRAGMENTS_MAX or message.total_bytes > BATCH_BYTES_MAX:
            return AckStatus.TOO_LARGE
        if message.total_bytes == 0 or message.count != _count(message.total_bytes):
            return AckStatus.INVALID_UPDATE
        if len(self._open) >= FRAGMENT_BATCHES_OPEN_MAX:
            return AckStatus.RATE_LIMITED
        self._open[key] = _Batch(message.total_bytes, now + FRAGMENT_TIMEOUT_SECONDS)
        return None

    def fragment(self, message: Fragment, now: float) -> DocUpdate | AckStatus | None:
        """The whole update once complete, what to answer if it never will be, else None."""
        key = (message.magic, message.room, message.batch)
        batch = self._open.get(key)
        if batch is None:
            return None
        status = None
        if now >= batch.deadline:
            status = AckStatus.FRAGMENT_TIMEOUT
        elif not batch.expects(message.index, len(message.data)):
            status = AckStatus.INVALID_UPDATE
        if status is not None:
            del self._open[key]
            return status
        batch.parts[message.index] = message.data
        if len(batch.parts) < _count(batch.total_bytes):
            return None
        del self._open[key]
        update = b"".join(part for _, part in sorted(batch.parts.items()))
        assert len(update) == batch.total_bytes
        return DocUpdate(message.magic, message.room, (update,), message.batch)

    def expire(self, now: float) -> list[BatchKey]:
        """Drop and return the batches whose time is up; each is answered FRAGMENT_TIMEOUT."""
        late = [key for key, batch in self._open.items() if now >= batch.deadline]
        for key in late:
            del self._open[key]
        return late

    def forget(self, magic: Magic, room: RoomId) -> None:
        """Drop what is open in a room the connection is no longer in."""
        for key in [key for key in self._open if key[:2] == (magic, room)]:
            del self._open[key]

    def deadline(self) -> float | None:
        """When to call expire() if nothing comes before."""
        return next((batch.deadline for batch in self._open.values()), None)


@dataclass(slots=True)
class _Batch:
    total_bytes: int
    deadline: float
    parts: dict[int, bytes] = field(default_factory=dict)

    def expects(self, index: int, size: int) -> bool:
        """Only as many bytes as are due at that index, and only once: nothing piles up."""
        start = index * FRAGMENT_DATA_BYTES
        due = min(FRAGMENT_DATA_BYTES, self.total_bytes - start)
        return index not in self.parts and 0 < due == size


def _count(total_bytes: int) -> int:
    return -(-total_bytes // FRAGMENT_DATA_BYTES)
