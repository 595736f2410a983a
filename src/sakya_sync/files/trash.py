"""Where removed files go, so that none is lost: outside the project, and for 30 days."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from sakya_sync.mapping.names import alias

KEPT_DAYS: Final = 30
_DAY_NS: Final = 86_400 * 1_000_000_000


class Trash:
    """One project's. Every method raises OSError."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def put(self, path: str, data: bytes) -> Path:
        """Keep a file's bytes under its path in the project; where they lie."""
        *folders, name = path.split("/")
        place = self._place
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What was removed from there before stays, too.
        for part in folders:
            place = _vacant(place, part, lambda at: at.is_dir() or not at.exists())
            place.mkdir(mode=0o700, exist_ok=True)
        copy = _vacant(place, name, lambda at: not at.exists())
        copy.write_bytes(data)
        return copy

    def empty(self, now_ns: int) -> None:
        """Remove what has lain there for more than KEPT_DAYS.

        Args: now_ns: nanoseconds since 1970.
        """
        oldest = now_ns - KEPT_DAYS * _DAY_NS
        # Deepest first, so that a folder is looked at when what was in it is gone.
        for path in sorted(self._place.rglob("*"), reverse=True):
            with suppress(FileNotFoundError):
                if path.is_dir() and not path.is_symlink():
                    # One that still holds something stays.
                    with suppress(OSError):
                        path.rmdir()
                elif path.lstat().st_mtime_ns < oldest:
                    path.unlink()


def _vacant(folder: Path, name: str, fits: Callable[[Path], bool]) -> Path:
    target, number = folder / name, 2
    while not fits(target):
        target, number = folder / alias(name, number), number + 1
    return target
