"""One process for a project at a time on this device."""

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from sakya_sync.errors import DeviceBusy
from sakya_sync.files.faults import translated

ATTEMPTS: Final = 3
MOMENT_SECONDS: Final = 0.02


class ProcessLock:
    """Held while the block runs; the system frees it when the process ends, however it ends."""

    def __init__(self, path: Path, folder: Path) -> None:
        """Args: folder: what is locked, as it is named to a person."""
        self._path = path
        self._folder = folder
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        """Raises DeviceBusy with the process that holds it."""
        with translated(self._path):
            file = self._path.open("a+", encoding="ascii")
        # Who only asks whether it is held, holds it for a moment.
        if not (_lock(file) or any(_lock_after_a_moment(file) for _ in range(ATTEMPTS))):
            file.seek(0)
            holder = file.read(20).strip()
            file.close()
            raise DeviceBusy(folder=self._folder, pid=holder or "unknown")
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock_after_a_moment(file: IO[str]) -> bool:
    time.sleep(MOMENT_SECONDS)
    return _lock(file)


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock now."""
    try:
        with path.open("a+", encoding="ascii") as file:
            return not _lock(file)
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> bool:
        # Behind the text, so that the holder's number can be read.
        file.seek(4096)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
