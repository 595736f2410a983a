"""How long to wait before the next attempt: exponential, with full jitter."""

from collections.abc import Callable

from sakya_sync.limits import BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_MIN


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
