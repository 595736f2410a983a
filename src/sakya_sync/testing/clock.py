"""A machine's clock: it may run fast or slow, and jump."""

import asyncio
from typing import Final

from sakya_sync.testing.process import CURRENT

TICK_SECONDS: Final = 1e-6
EPOCH_MS: Final = 1_800_000_000_000
"""What time it is, in ms since 1970, when a world begins."""


class VirtualClock:
    """`ports.Clock` for every program that runs on one machine."""

    def __init__(self, loop: asyncio.AbstractEventLoop, rate: float = 1.0) -> None:
        """Args: rate: 1.01 for a clock that gains a hundredth."""
        self.offset_ms = 0
        """How far a person, or a time server, has set the wall clock wrong."""
        self._loop = loop
        self._rate = rate

    def now(self) -> float:
        """Monotonic seconds."""
        return self._loop.time() * self._rate

    def wall_ms(self) -> int:
        """Milliseconds since 1970, as this machine believes."""
        return EPOCH_MS + int(self.now() * 1000) + self.offset_ms

    def utc_offset_minutes(self) -> int:
        """This machine stands at Greenwich."""
        return 0

    async def sleep(self, seconds: float) -> None:
        """Wait that long by this clock. Raises ProcessDied."""
        _check()
        # No clock is so fine that it would not have gone on.
        await asyncio.sleep(max(seconds, TICK_SECONDS) / self._rate)
        _check()


def _check() -> None:
    process = CURRENT.get()
    if process is not None:
        process.check_alive()
