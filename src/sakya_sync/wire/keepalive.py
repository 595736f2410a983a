"""Whether the other end is still there. Spec: docs/protocol.md#wire."""

from enum import Enum, auto
from typing import Final

PING: Final = "ping"
"""The text message that asks."""
PONG: Final = "pong"
"""The text message that answers."""


class Pulse(Enum):
    """What a silence calls for."""

    PING = auto()
    """Send PING."""
    DEAD = auto()
    """Close the connection: nothing will come."""


class Keepalive:
    """Asks after `interval` seconds of silence, and gives up after `misses` unanswered pings.

    Anything the other end sends counts as an answer. It starts with the first heard().
    """

    __slots__ = ("_deadline", "_interval", "_misses_max", "_timeout", "_unanswered")

    def __init__(self, interval: float, timeout: float, misses: int) -> None:
        assert misses >= 1
        self._interval = interval
        self._timeout = timeout
        self._misses_max = misses
        self._unanswered = 0
        self._deadline: float | None = None

    def heard(self, now: float) -> None:
        """Something arrived, or the connection has just opened."""
        self._unanswered = 0
        self._deadline = now + self._interval

    def tick(self, now: float) -> Pulse | None:
        """What to do now; DEAD is said once.

        Each wait counts from the tick that began it, so a computer that slept through several
        asks again before it gives up.
        """
        if self._deadline is None or now < self._deadline:
            return None
        if self._unanswered == self._misses_max:
            self._deadline = None
            return Pulse.DEAD
        self._unanswered += 1
        self._deadline = now + self._timeout
        return Pulse.PING

    def deadline(self) -> float | None:
        """When to call tick() if nothing comes before."""
        return self._deadline
