"""How long to wait before the next attempt: exponential, with full jitter."""

import re
from collections.abc import Callable
from typing import Final

from sakya_sync.limits import BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_MIN

RETRY_HINT: Final = "retry_ms="
"""In the reason of a close: when to come back. A relay that restarts gives each another time."""


def hinted_seconds(reason: str) -> float | None:
    """The wait that a close asks for, within what a backoff may be."""
    found = re.search(rf"{RETRY_HINT}([0-9]{{1,9}})(?![0-9])", reason)
    if found is None:
        return None
    return min(BACKOFF_SECONDS_MAX, max(BACKOFF_SECONDS_MIN, int(found[1]) / 1000))


class Backoff:
    """Waits grow from 100 ms to 30 s; a success begins anew.

    Full jitter: many devices that lost one relay at once come back spread out.
    """

    def __init__(self, dice: Callable[[], float]) -> None:
        """Args: dice: numbers from 0 to 1, 1 not included."""
        self._dice = dice
        self._attempts = 0

    def next_seconds(self) -> float:
        """The wait before the next attempt."""
        self._attempts += 1
        grown: float = BACKOFF_SECONDS_MIN * 2.0 ** min(self._attempts, 16)
        ceiling = min(BACKOFF_SECONDS_MAX, grown)
        return BACKOFF_SECONDS_MIN + self._dice() * (ceiling - BACKOFF_SECONDS_MIN)

    def succeeded(self) -> None:
        """The other end took us in."""
        self._attempts = 0
