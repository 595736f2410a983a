"""A disk that forgets what was not synced, fills up, and can be looked at after every write.

SQLite reaches the disk through a VFS. This one is SQLite's own with a few of its methods watched;
the code that is tested is the code that runs, and knows nothing of it.
"""

import ctypes
import random
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p, cast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SQLITE_FULL = 13
_WATCHED = 0x00000100 | 0x00000800 | 0x00080000  # SQLITE_OPEN_MAIN_DB, _MAIN_JOURNAL, _WAL
_LIBRARY = "libsqlite3.so.0"
_SECTOR = 512

_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
# Names as addresses: SQLite goes on using the very string while the file is open.
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)


class _Methods(Structure):
    _fields_ = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", _Write),
        ("truncate", _Truncate),
        ("sync", _Sync),
        ("others", c_void_p * 13),
    ]


class _File(Structure):
    _fields_ = [("methods", POINTER(_Methods))]


class _Vfs(Structure):
    _fields_ = [
        ("version", c_int),
        ("file_size", c_int),
        ("path_max", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", _Open),
        ("delete", _Delete),
        ("others", c_void_p * 14),
    ]


@dataclass(frozen=True)
class Step:
    """Something that was done to a file."""

    path: Path
    kind: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Disk:
    """What has been done so far, and what is left of the space."""

    steps: list[Step] = field(default_factory=list)
    free_bytes: int | None = None

    def write(self, step: Step) -> bool:
        """Whether there is space for it."""
        if self.free_bytes is not None:
            if len(step.data) > self.free_bytes:
                return False
            self.free_bytes -= len(step.data)
        self.steps.append(step)
        return True


@contextmanager
def watched() -> Iterator[Disk]:
    """Every database that this process opens in the block is on this disk."""
    library = ctypes.CDLL(_LIBRARY)
    library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    own = library.sqlite3_vfs_find(None)
    disk = Disk()
    paths: dict[int, Path] = {}
    kept: list[Any] = []
    patched: dict[int, Any] = {}

    def patch(real: Any) -> Any:
        methods = _Methods()
        ctypes.memmove(byref(methods), real, ctypes.sizeof(_Methods))
        write, truncate, sync = real.contents.write, real.contents.truncate, real.contents.sync

        def on_write(file: int, data: int, size: int, offset: int) -> int:
            step = Step(paths[file], "write", offset, ctypes.string_at(data, size))
            return int(write(file, data, size, offset)) if disk.write(step) else SQLITE_FULL

        def on_truncate(file: int, size: int) -> int:
            disk.steps.append(Step(paths[file], "truncate", size))
            return int(truncate(file, size))

        def on_sync(file: int, flags: int) -> int:
            result = int(sync(file, flags))
            disk.steps.append(Step(paths[file], "sync"))
            return result

        methods.write = _Write(on_write)
        methods.truncate = _Truncate(on_truncate)
        methods.sync = _Sync(on_sync)
        kept.append(methods)
        return ctypes.pointer(methods)

    def on_open(_vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        result = int(own.contents.open(cast(own, c_void_p), name, file, flags, out))
        if result == 0 and name is not None and flags & _WATCHED:
            opened = cast(file, POINTER(_File)).contents
            address = cast(opened.methods, c_void_p).value
            assert address is not None
            if address not in patched:
                patched[address] = patch(opened.methods)
            opened.methods = patched[address]
            paths[file] = Path(ctypes.string_at(name).decode())
        return result

    def on_delete(_vfs: int, name: bytes, sync: int) -> int:
        disk.steps.append(Step(Path(name.decode()), "delete"))
        return int(own.contents.delete(cast(own, c_void_p), name, sync))

    vfs = _Vfs()
    ctypes.memmove(byref(vfs), own, ctypes.sizeof(_Vfs))
    vfs.name = b"watched"
    vfs.open, vfs.delete = _Open(on_open), _Delete(on_delete)
    library.sqlite3_vfs_register(byref(vfs), 1)
    try:
        yield disk
    finally:
        library.sqlite3_vfs_register(own, 1)
        library.sqlite3_vfs_unregister(byref(vfs))
        disk.free_bytes = None


class Wreck:
    """What is on the disk after a number of steps, for whoever comes after a crash."""

    def __init__(self) -> None:
        self._written: dict[str, bytearray] = {}
        self._synced: dict[str, bytes] = {}
        self._unsynced: dict[str, list[Step]] = {}

    def add(self, step: Step) -> None:
        """One step more."""
        name = step.path.name
        if step.kind == "delete":
            for files in (self._written, self._synced, self._unsynced):
                files.pop(name, None)
            return
        image = self._written.setdefault(name, bytearray())
        waiting = self._unsynced.setdefault(name, [])
        if step.kind == "sync":
            self._synced[name] = bytes(image)
            waiting.clear()
            return
        _apply(image, step)
        waiting.append(step)

    def killed(self, directory: Path) -> None:
        """The process died; the system has every write."""
        for name, image in self._written.items():
            (directory / name).write_bytes(image)

    def powerless(self, directory: Path, dice: random.Random, share: float) -> None:
        """The power failed: of what was not synced, that share of the sectors is there."""
        for name in self._written:
            image = bytearray(self._synced.get(name, b""))
            for step in self._unsynced.get(name, ()):
                if step.kind == "truncate":
                    if dice.random() < share:
                        _apply(image, step)
                    continue
                for start in range(0, len(step.data), _SECTOR):
                    if dice.random() < share:
                        part = step.data[start : start + _SECTOR]
                        _apply(image, Step(step.path, "write", step.offset + start, part))
            (directory / name).write_bytes(image)


def _apply(image: bytearray, step: Step) -> None:
    if step.kind == "truncate":
        del image[step.offset :]
        image.extend(bytes(step.offset - len(image)))
        return
    end = step.offset + len(step.data)
    if len(image) < end:
        image.extend(bytes(end - len(image)))
    image[step.offset : end] = step.data
