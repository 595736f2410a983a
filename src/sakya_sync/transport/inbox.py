"""Frames that have arrived and were not asked for yet."""

import asyncio
from collections import deque

from sakya_sync.ports import TransportClosed


class Inbox:
    """A queue with one reader, which ends with the connection. Takes no locks: one event loop."""

    def __init__(self) -> None:
        self._frames: deque[bytes | str] = deque()
        self._bytes = 0
        self._closed: TransportClosed | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def size_bytes(self) -> int:
        """What waits to be read."""
        return self._bytes

    @property
    def closed(self) -> bool:
        """Whether nothing more will come."""
        return self._closed is not None

    def put(self, frame: bytes | str) -> None:
        """A frame has arrived."""
        self._frames.append(frame)
        self._bytes += len(frame)
        self._wake()

    def close(self, code: int, reason: str) -> None:
        """Nothing more will come; what is here can still be read."""
        if self._closed is None:
            self._closed = TransportClosed(code, reason)
            self._wake()

    async def get(self) -> bytes | str:
        """The next frame. Raises TransportClosed when there will be none."""
        while not self._frames:
            if self._closed is not None:
                raise TransportClosed(self._closed.code, self._closed.reason)
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        frame = self._frames.popleft()
        self._bytes -= len(frame)
        return frame

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
