"""What happened in a world, in order, and a digest that equal runs have in common."""

from collections.abc import Callable
from hashlib import blake2b


class Trace:
    """Lines, each with the time and who did it. What secrets make differ is left out."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.lines: list[str] = []
        self._now = now

    def note(self, who: str, what: str) -> None:
        """One more line."""
        self.lines.append(f"{self._now():12.6f} {who} {what}")

    def digest(self) -> str:
        """32 letters that stand for all of it."""
        return blake2b("\n".join(self.lines).encode(), digest_size=16).hexdigest()

    def last(self, count: int) -> str:
        """The newest lines."""
        return "\n".join(self.lines[-count:])
