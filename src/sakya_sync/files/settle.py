"""When a file that is being written is ready to be read. Pure."""

from dataclasses import dataclass
from typing import Final

from sakya_sync.limits import EOF_RACE_SECONDS, SETTLE_SECONDS

SHRUNK: Final = 0.4


@dataclass(slots=True)
class _Waiting:
    size: int
    mtime_ns: int
    due: float


class Settler:
    """A file is settled once it has looked the same for SETTLE_SECONDS.

    Many programs empty a file and then write it: one that is suddenly empty, or much smaller, is
    given EOF_RACE_SECONDS.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}

    def note(self, path: str, size: int, mtime_ns: int, known_size: int, now: float) -> None:
        """A file looks like this; `known_size` is that of its base, 0 for a new one."""
        waiting = self._waiting.get(path)
        if waiting is not None and (waiting.size, waiting.mtime_ns) == (size, mtime_ns):
            return
        race = known_size > 0 and size < known_size * SHRUNK
        wait = EOF_RACE_SECONDS if race else SETTLE_SECONDS
        self._waiting[path] = _Waiting(size, mtime_ns, now + wait)

    def forget(self, path: str) -> None:
        """A file is no longer of interest."""
        self._waiting.pop(path, None)

    def settled(self, path: str, now: float) -> bool:
        """Whether a file may be read now."""
        waiting = self._waiting.get(path)
        return waiting is None or now >= waiting.due

    def deadline(self) -> float | None:
        """When the next file settles, if nobody writes to it."""
        return min((waiting.due for waiting in self._waiting.values()), default=None)
