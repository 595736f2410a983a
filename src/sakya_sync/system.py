"""The computer's own clock and dice."""

import asyncio
import secrets
import time
from datetime import tzinfo


class SystemClock:
    """Time as the operating system tells it."""

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def wall_ms(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def utc_offset_minutes(self) -> int:
        """By the time zone of this computer."""
        return time.localtime().tm_gmtoff // 60

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        await asyncio.sleep(seconds)


def local_zone() -> tzinfo:
    """Where this computer is, summer time and all."""
    from tzlocal import get_localzone

    return get_localzone()


class SystemEntropy:
    """Dice from the operating system."""

    def bytes(self, count: int) -> bytes:
        """That many bytes nobody can guess."""
        return secrets.token_bytes(count)
