"""Whether any other program has read a file since this one wrote it.

Linux tells through inotify; other systems do not, and there the answer is that nobody knows. One
watch for each folder in which something was written.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sakya_sync.mapping.stale import Read

_ACCESS: Final = 0x1
_CLOSE_NOWRITE: Final = 0x10
_OPEN: Final = 0x20
_OVERFLOW: Final = 0x4000
_IGNORED: Final = 0x8000
_ONLY_FOLDERS: Final = 0x0100_0000
_NO_FOLLOW: Final = 0x0200_0000
_MASK: Final = _ACCESS | _CLOSE_NOWRITE | _OPEN | _ONLY_FOLDERS | _NO_FOLLOW
_HEADER: Final = struct.Struct("iIII")
_BUFFER_BYTES: Final = 65_536


class Readers:
    """Knows of the files that it was told were written; to be used by one thread at a time."""

    def __init__(self, root: Path) -> None:
        """Args: root: the project's folder."""
        self._root = root
        self._notify = _open_notify()
        self._folders: dict[int, str] = {}
        self._watched: dict[str, int] = {}
        self._unread: set[str] = set()
        self._read: set[str] = set()

    def close(self) -> None:
        """Stop watching."""
        self._forget_all()
        self._watched.clear()
        self._folders.clear()
        if self._notify is not None:
            os.close(self._notify.descriptor)
            self._notify = None

    def about_to_write(self, path: str) -> None:
        """Watch the folder that a file lies in; the folder must exist."""
        if self._notify is None:
            return
        folder = path.rpartition("/")[0]
        # Asked for every time: it costs nothing, and another folder may be there by now.
        number = self._notify.watch(self._root / folder)
        if self._watched.get(folder) == number:
            return
        for stale in (self._watched.get(folder), number):
            if stale is not None:
                self._forget_folder(stale)
        if number is not None:
            self._watched[folder] = number
            self._folders[number] = folder

    def written(self, path: str) -> None:
        """This program has just put a new file there."""
        self._drain()
        self._read.discard(path)
        self._unread.discard(path)
        if path.rpartition("/")[0] in self._watched:
            self._unread.add(path)

    def moved(self, source: str, target: str) -> None:
        """This program has just renamed a file."""
        read = self.read(source)
        self.forget(source)
        self.forget(target)
        if target.rpartition("/")[0] in self._watched and read is not Read.UNKNOWN:
            (self._read if read is Read.YES else self._unread).add(target)

    def forget(self, path: str) -> None:
        """Another program has written the file, or it is gone."""
        self._read.discard(path)
        self._unread.discard(path)

    def read(self, path: str) -> Read:
        """Whether another program has read it since `written`."""
        self._drain()
        if path in self._read:
            return Read.YES
        return Read.NO if path in self._unread else Read.UNKNOWN

    @contextmanager
    def own(self, path: str) -> Iterator[None]:
        """While the block runs, this program opens and closes the file once, to read it."""
        self._drain()
        try:
            yield
        finally:
            self._drain(own=path)

    def _drain(self, own: str | None = None) -> None:
        """Take in what has happened.

        Args: own: a file that this program has just read.
        """
        if self._notify is None:
            return
        opened = closed = 0
        for number, mask, name in self._notify.events():
            if mask & _OVERFLOW:
                self._forget_all()
            if mask & _IGNORED:
                self._forget_folder(number)
            folder = self._folders.get(number)
            if folder is None:
                continue
            path = f"{folder}/{name}" if folder else name
            if path == own:
                opened += bool(mask & _OPEN)
                closed += bool(mask & _CLOSE_NOWRITE)
            elif mask & (_ACCESS | _CLOSE_NOWRITE):
                self._was_read(path)
        # Where another opened it at the same moment, it counts as read.
        if own is not None and (opened > 1 or closed > 1):
            self._was_read(own)

    def _was_read(self, path: str) -> None:
        if path in self._unread:
            self._unread.discard(path)
            self._read.add(path)

    def _forget_folder(self, number: int) -> None:
        folder = self._folders.pop(number, None)
        if folder is None:
            return
        self._watched.pop(folder, None)
        for paths in (self._unread, self._read):
            paths.difference_update([path for path in paths if path.rpartition("/")[0] == folder])

    def _forget_all(self) -> None:
        for paths in (self._unread, self._read):
            paths.clear()


class _Notify:
    """The system calls, through the C library."""

    def __init__(self, library: ctypes.CDLL, descriptor: int) -> None:
        self.descriptor = descriptor
        self._library = library

    def watch(self, folder: Path) -> int | None:
        number: int = self._library.inotify_add_watch(self.descriptor, os.fsencode(folder), _MASK)
        return None if number < 0 else number

    def events(self) -> Iterator[tuple[int, int, str]]:
        """What has happened: a watch's number, the kind, and the file's name."""
        while True:
            try:
                data = os.read(self.descriptor, _BUFFER_BYTES)
            except BlockingIOError:
                return
            offset = 0
            while offset < len(data):
                number, mask, _, length = _HEADER.unpack_from(data, offset)
                offset += _HEADER.size
                name = data[offset : offset + length].rstrip(b"\0")
                offset += length
                yield number, mask, os.fsdecode(name)


def _open_notify() -> _Notify | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    descriptor: int = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    return None if descriptor < 0 else _Notify(library, descriptor)
