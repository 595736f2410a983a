"""Connections within a process, with the same contract as real ones: for tests."""

import asyncio
from collections.abc import Callable, Sequence

from sakya_sync.errors import RelayUnreachable
from sakya_sync.transport.inbox import Inbox


class MemoryTransport:
    """One end of a connection; `ports.Transport`."""

    forwarded: tuple[str, ...] = ()
    buffered_bytes = 0

    def __init__(self) -> None:
        self.peer = "127.0.0.1"
        self._inbox = Inbox()
        self._other: MemoryTransport | None = None

    @classmethod
    def pair(cls) -> tuple["MemoryTransport", "MemoryTransport"]:
        """Both ends of one connection."""
        one, two = cls(), cls()
        one._other, two._other = two, one
        return one, two

    def stirred(self) -> bool:
        """Never: there are no pings but those in text."""
        return False

    async def receive(self) -> bytes | str:
        """The next frame. Raises TransportClosed."""
        return await self._inbox.get()

    def send(self, frames: Sequence[bytes | str]) -> None:
        """Hand frames to the other end."""
        if self._other is None or self._inbox.closed:
            return
        for frame in frames:
            if not self._other._inbox.closed:
                self._other._inbox.put(frame)

    async def drained(self) -> None:
        """At once: nothing is buffered."""
        await asyncio.sleep(0)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close both ends."""
        self.cut(code, reason)

    async def ended(self) -> None:
        """At once: what was sent is with the other end."""

    def cut(self, code: int = 1006, reason: str = "cut") -> None:
        """Close both ends now."""
        self._inbox.close(code, reason)
        if self._other is not None:
            self._other._inbox.close(code, reason)


class MemoryNetwork:
    """Relays by address, and every connection to them; `ports.Connector`."""

    def __init__(self) -> None:
        self._listeners: dict[str, Callable[[MemoryTransport], None]] = {}
        self._open: list[MemoryTransport] = []

    def listen(self, url: str, opened: Callable[[MemoryTransport], None]) -> None:
        """Accept connections to an address."""
        self._listeners[url] = opened

    def silence(self, url: str) -> None:
        """Stop accepting, and cut what is open."""
        self._listeners.pop(url, None)
        self.cut()

    def cut(self) -> None:
        """Cut every connection."""
        open_ends, self._open = self._open, []
        for end in open_ends:
            end.cut()

    async def connect(self, url: str) -> MemoryTransport:
        """Open a connection. Raises RelayUnreachable."""
        await asyncio.sleep(0)
        opened = self._listeners.get(url)
        if opened is None:
            raise RelayUnreachable("nothing listens there", address=url)
        client, server = MemoryTransport.pair()
        self._open.append(client)
        opened(server)
        return client
