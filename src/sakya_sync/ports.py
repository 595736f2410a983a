"""What the programs ask of the world, as small Protocols.

Production implementations live in `store/`, `transport/` and `files/`; `testing/` has others
that are just as real and run on a virtual clock.
"""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Time, both kinds."""

    def now(self) -> float:
        """Monotonic seconds, for waits and deadlines."""

    def wall_ms(self) -> int:
        """Milliseconds since 1970, for tickets and what people read."""

    def utc_offset_minutes(self) -> int:
        """How far local time is ahead of UTC now, for what people read."""

    async def sleep(self, seconds: float) -> None:
        """Wait that long, or until cancelled."""


class Entropy(Protocol):
    """Dice."""

    def bytes(self, count: int) -> bytes:
        """That many bytes nobody can guess."""


class Disk(Protocol):
    """Where databases lie, and who waits for it."""

    def connect(self, path: Path) -> sqlite3.Connection:
        """A connection for one thread at a time that begins no transaction by itself.

        Raises what sqlite3 raises.
        """

    def worker(self, name: str) -> Executor:
        """Does one thing after another; its shutdown waits for what was begun."""


class Transport(Protocol):
    """One connection, as seen from either end. Frames are binary; text is keepalive only."""

    async def receive(self) -> bytes | str:
        """The next frame. Raises TransportClosed when the connection is gone."""

    def send(self, frames: Sequence[bytes | str]) -> None:
        """Queue frames in order, in as few writes as the transport can; never blocks."""

    async def drained(self) -> None:
        """Wait until the send buffer is below its high-water mark."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close with a WebSocket close code; safe to call twice."""


class Connector(Protocol):
    """How a client reaches a relay."""

    async def connect(self, url: str) -> Transport:
        """Open a connection. Raises RelayUnreachable."""


class TransportClosed(Exception):
    """The connection ended; not an error of ours or theirs by itself."""

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"closed: {code} {reason}".strip())
