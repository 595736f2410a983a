"""How often codes were guessed wrong: three burnt codes lock linking by code for ten minutes."""

from dataclasses import dataclass
from typing import Final

from sakya_sync.errors import LinkingLocked

BURNS_MAX: Final = 3
LOCK_MS: Final = 10 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Burns:
    """Kept by the existing device from one code to the next."""

    count: int = 0
    last_ms: int = 0
    """When the last code was burnt, in milliseconds since 1970."""

    def burnt(self, now_ms: int) -> "Burns":
        """With one more; those of more than ten minutes ago are forgotten."""
        return Burns(self._recent(now_ms) + 1, now_ms)

    def check(self, now_ms: int) -> None:
        """Raise LinkingLocked while no code may be made."""
        if self._recent(now_ms) >= BURNS_MAX:
            left_ms = max(0, self.last_ms + LOCK_MS - now_ms)
            raise LinkingLocked(minutes=-(-left_ms // 60_000))

    def encode(self) -> bytes:
        """9 bytes."""
        return bytes((min(self.count, 255),)) + self.last_ms.to_bytes(8, "big")

    @staticmethod
    def decode(encoded: bytes | None) -> "Burns":
        """What was kept; none, where that cannot be read."""
        if encoded is None or len(encoded) != len(Burns().encode()):
            return Burns()
        return Burns(encoded[0], int.from_bytes(encoded[1:], "big"))

    def _recent(self, now_ms: int) -> int:
        # A clock that was set back must not lock for longer.
        return self.count if 0 <= now_ms - self.last_ms < LOCK_MS else 0
