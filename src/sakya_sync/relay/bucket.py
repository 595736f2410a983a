"""How much of something there may be in a second. Time is an argument."""

from typing import Final

BURST_SECONDS: Final = 10.0
BUCKETS_KEPT: Final = 1_024


class Bucket:
    """Fills by `rate` a second up to what BURST_SECONDS bring.

    What is spent may be more than is there, once: then it is empty for as much longer.
    """

    __slots__ = ("_at", "_level", "_rate")

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._level = rate * BURST_SECONDS
        self._at = now

    def wait_seconds(self, now: float) -> float:
        """How long until something may be spent; 0 for now."""
        self._fill(now)
        return 0.0 if self._level > 0 else (1e-3 - self._level) / self._rate

    def spend(self, amount: float, now: float) -> None:
        """Take out."""
        self._fill(now)
        self._level -= amount

    def full(self, now: float) -> bool:
        """Whether it is as good as new."""
        self._fill(now)
        return self._level >= self._rate * BURST_SECONDS

    def _fill(self, now: float) -> None:
        most = self._rate * BURST_SECONDS
        self._level = min(most, self._level + (now - self._at) * self._rate)
        self._at = now


class Buckets:
    """One for each of many, made when first asked for; those as good as new are forgotten."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._held: dict[object, Bucket] = {}
        self._most = BUCKETS_KEPT

    def __len__(self) -> int:
        return len(self._held)

    def of(self, key: object, now: float) -> Bucket:
        """The bucket of one."""
        found = self._held.get(key)
        if found is None:
            if len(self._held) >= self._most:
                kept = {key: held for key, held in self._held.items() if not held.full(now)}
                self._held = kept
                self._most = max(BUCKETS_KEPT, 2 * len(kept))
            found = self._held[key] = Bucket(self._rate, now)
        return found
