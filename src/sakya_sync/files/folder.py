"""One project's folder. Synchronous: callers on an event loop use a thread.

Symbolic links are never followed: not to a file, and not through a folder that somebody put in the
place of one of ours between looking and writing.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sakya_sync.errors import FolderMissing, LocalFault
from sakya_sync.files import access_times, other_tools
from sakya_sync.files.faults import translated
from sakya_sync.files.ignore import FILE as IGNORE_FILE
from sakya_sync.files.ignore import Ignore
from sakya_sync.files.readers import Readers
from sakya_sync.files.trash import Trash
from sakya_sync.mapping.content import digest_of
from sakya_sync.mapping.names import OWN_FOLDER, TEMPORARY_PREFIX
from sakya_sync.mapping.stale import Read

READ_ATTEMPTS: Final = 5

# Windows has neither; there a link in the way is looked for before each step.
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY: Final = getattr(os, "O_DIRECTORY", 0)
_NO_ACCESS_TIME: Final = getattr(os, "O_NOATIME", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)
_BY_DIRECTORY: Final = os.open in os.supports_dir_fd


@dataclass(frozen=True, slots=True)
class Stat:
    """What tells at a glance whether a file was written to."""

    size: int
    mtime_ns: int
    inode: int
    executable: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """All files of a folder, by path with `/`."""

    files: dict[str, Stat]
    skipped: tuple[tuple[str, str], ...]
    """What is neither file nor folder, and why it is left alone."""
    leftovers: tuple[str, ...] = ()
    """Temporary files of ours, from a write that is under way or was cut off."""
    empty: bool = False
    """Whether there is nothing at all, not even our own folder: perhaps a disk is not mounted."""
    ignore: Ignore = field(default_factory=Ignore)
    """What was left alone without a word."""
    empty_folders: frozenset[str] = frozenset()
    """Folders with nothing of the project in them, nor below."""

    def leaves(self, path: str) -> bool:
        """Whether a path is left alone, so that nothing can be said of what is there."""
        if self.ignore.file(path) or self.ignore.folder(path):
            return True
        return any(path == left or path.startswith(f"{left}/") for left, _ in self.skipped)


class TargetChanged(Exception):
    """A file is not what it was thought to be, so it was not touched: look at it first."""


class Folder:
    """See the module. Every method raises DiskFull, PermissionMissing or LocalFault."""

    def __init__(self, root: Path, trash: Path, readers: Readers | None = None) -> None:
        """
        Args:
            trash: outside the project; removed files go there.
            readers: told of what is written here, so that it knows who reads it.
        """
        self.root = root
        self._trash = Trash(trash)
        self._readers = readers

    def scan(self) -> Scan:
        """Every file that is the project's. Raises FolderMissing."""
        if not self.root.is_dir():
            raise FolderMissing(folder=self.root)
        ignore = self._ignore()
        files: dict[str, Stat] = {}
        skipped: list[tuple[str, str]] = []
        leftovers: list[str] = []
        folders: set[str] = set()
        filled: set[str] = set()
        waiting = [""]
        empty = True
        while waiting:
            folder = waiting.pop()
            with translated(self.root / folder), os.scandir(self.root / folder) as entries:
                for entry in entries:
                    empty = False
                    path = f"{folder}{entry.name}"
                    reason = _not_ours(entry, path, ignore)
                    if reason is not None:
                        skipped.append((path, reason))
                    elif entry.is_dir(follow_symlinks=False):
                        if not ignore.folder(path):
                            waiting.append(f"{path}/")
                            folders.add(path)
                            filled.add(folder)
                    elif entry.name.startswith(TEMPORARY_PREFIX):
                        leftovers.append(path)
                    elif not ignore.file(path) and entry.is_file(follow_symlinks=False):
                        self._note(files, path, entry)
                        filled.add(folder)
        folders -= {path.removesuffix("/") for path in filled}
        return Scan(
            files,
            tuple(skipped),
            tuple(leftovers),
            empty,
            ignore,
            frozenset(folders - {OWN_FOLDER}),
        )

    def sweep(self, leftovers: Iterable[str]) -> None:
        """Remove temporary files that a scan found; only while no write is under way."""
        for path in leftovers:
            with (
                suppress(FileNotFoundError),
                translated_but_missing(self.root / path),
                self._parent(path) as (parent, name),
            ):
                self._unlink(parent, name)

    def read(self, path: str) -> tuple[bytes, Stat] | None:
        """A file's bytes, read while nobody wrote to it; None if it is gone.

        Raises: TargetChanged, when somebody keeps writing to it.
        """
        for _ in range(READ_ATTEMPTS):
            try:
                with translated_but_missing(self.root / path), self._parent(path) as (parent, name):
                    return self._read(path, parent, name)
            except FileNotFoundError:
                return None
            except TargetChanged:
                continue
        raise TargetChanged

    def replace(self, path: str, data: bytes, *, executable: bool, expected: bytes | None) -> Stat:
        """Write a file as a whole: whoever reads it gets the old bytes or the new.

        Args: expected: the digest of what is there now; None where there must be nothing.
        Raises: TargetChanged, and then nothing was touched.
        """
        with translated(self.root / path), self._parent(path, create=True) as (parent, name):
            if self._readers is not None:
                self._readers.about_to_write(path)
            mode = self._look(path, parent, name, expected)
            temporary = f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}"
            wanted = 0o666 if mode is None else mode
            wanted = wanted | 0o111 if executable else wanted & ~0o111
            try:
                result = self._write(parent, temporary, data, wanted, keep_mode=mode is not None)
                # A last look, as late as it can be.
                self._look(path, parent, name, expected)
                self._rename(parent, temporary, parent, name)
            except BaseException:
                self._unlink(parent, temporary)
                raise
            if self._readers is not None:
                self._readers.written(path)
            self._sync(parent)
            return result

    def remove(self, path: str, *, expected: bytes) -> None:
        """Take a file away, into the trash. Raises TargetChanged when it is another by now."""
        with translated(self.root / path):
            try:
                with self._parent(path) as (parent, name):
                    found = self._read(path, parent, name)
                    if digest_of(found[0]) != expected:
                        raise TargetChanged
                    copy = self._trash.put(path, found[0])
                    try:
                        self._unlink(parent, name)
                    except OSError:
                        # It is still there; a copy for every attempt would fill the trash.
                        copy.unlink()
                        raise
                    self._sync(parent)
            except FileNotFoundError:
                pass
        self._prune(path)

    def empty_trash(self, now_ns: int) -> None:
        """Remove what has lain in the trash for too long.

        Args: now_ns: nanoseconds since 1970.
        """
        with translated(self.root):
            self._trash.empty(now_ns)

    def make_folder(self, path: str) -> None:
        """Make a folder, and those it lies in; one that is there is left as it is."""
        with translated(self.root / path), self._parent(f"{path}/.", create=True):
            pass

    def remove_folder(self, path: str) -> bool:
        """Remove a folder if nothing is in it; whether it is gone."""
        try:
            with translated_but_missing(self.root / path), self._parent(path) as (parent, name):
                os.rmdir(_at(parent, name), dir_fd=_fd(parent))
        except FileNotFoundError:
            return True
        except LocalFault:
            return False
        return True

    def set_aside(self, path: str, data: bytes) -> None:
        """Put a copy into the trash, of what is about to be overwritten."""
        with translated(self.root / path):
            self._trash.put(path, data)

    def relocate(self, source: str, target: str, *, expected: bytes) -> Stat:
        """Rename a file. Raises TargetChanged when it is another by now, or one is in the way."""
        with (
            translated(self.root / target),
            self._parent(source) as (old_parent, old_name),
            self._parent(target, create=True) as (parent, name),
        ):
            try:
                data, result = self._read(source, old_parent, old_name)
            except FileNotFoundError:
                raise TargetChanged from None
            same = source.casefold() == target.casefold()
            if digest_of(data) != expected or (not same and self._exists(parent, name)):
                raise TargetChanged
            self._rename(old_parent, old_name, parent, name)
            if self._readers is not None:
                self._readers.moved(source, target)
            self._sync(parent)
        self._prune(source)
        return result

    def read_since_written(self, path: str, written: int, now: int) -> Read:
        """Whether another program has read a file since `replace` wrote it.

        Args: written, now: the inode that `replace` gave it, and the one that is there.
        """
        known = Read.UNKNOWN if self._readers is None else self._readers.read(path)
        if known is not Read.UNKNOWN or not access_times.kept(self.root):
            return known
        # Editors that put a new file in the place of the old one look at it before they do.
        return access_times.read(self.root / path) if written == now else Read.YES

    def saved_by_a_program(self, path: str) -> None:
        """A file is no longer what `replace` wrote."""
        if self._readers is not None:
            self._readers.forget(path)

    # Steps that go through an open folder where the system can, and through paths where not.

    @contextmanager
    def _parent(self, path: str, *, create: bool = False) -> Iterator[tuple[int | Path, str]]:
        """The folder a path is in, opened part by part, and the path's last part."""
        *folders, name = path.split("/")
        if not _BY_DIRECTORY:
            yield self._parent_path(folders, create=create), name
            return
        current = os.open(self.root, os.O_RDONLY | _DIRECTORY)
        try:
            for folder in folders:
                if create:
                    with suppress(FileExistsError):
                        os.mkdir(folder, dir_fd=current)
                try:
                    following = os.open(
                        folder, os.O_RDONLY | _DIRECTORY | _NO_FOLLOW, dir_fd=current
                    )
                except FileNotFoundError:
                    raise
                except OSError as error:
                    raise LocalFault(
                        f"{self.root / path} lies behind a link or a file, and is left alone"
                    ) from error
                os.close(current)
                current = following
            yield current, name
        finally:
            os.close(current)

    def _parent_path(self, folders: list[str], *, create: bool) -> Path:
        current = self.root
        for folder in folders:
            current = current / folder
            if create and not current.exists():
                current.mkdir()
            if current.is_symlink():
                raise LocalFault(f"{current} is a link, and is left alone")
        return current

    def _read(self, path: str, parent: int | Path, name: str) -> tuple[bytes, Stat]:
        with self._own(path):
            descriptor = _open_quietly(parent, name)
            with os.fdopen(descriptor, "rb") as file:
                before = os.fstat(descriptor)
                if not stat.S_ISREG(before.st_mode):
                    raise TargetChanged
                data = file.read()
                after = os.fstat(descriptor)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise TargetChanged
        return data, _stat(after)

    def _look(self, path: str, parent: int | Path, name: str, expected: bytes | None) -> int | None:
        """The mode of what is at a path, if it is what is expected."""
        try:
            data, _ = self._read(path, parent, name)
        except FileNotFoundError:
            if expected is None:
                return None
            # What a writer has just deleted is not written back over.
            raise TargetChanged from None
        except OSError:
            raise TargetChanged from None
        if expected is None or digest_of(data) != expected:
            raise TargetChanged
        info = os.stat(_at(parent, name), dir_fd=_fd(parent), follow_symlinks=False)
        return stat.S_IMODE(info.st_mode)

    def _write(
        self, parent: int | Path, name: str, data: bytes, mode: int, *, keep_mode: bool
    ) -> Stat:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BINARY
        descriptor = _open(parent, name, flags, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if keep_mode and hasattr(os, "fchmod"):
                os.fchmod(descriptor, mode)
            access_times.mark(descriptor)
            os.fsync(descriptor)
            return _stat(os.fstat(descriptor))

    def _rename(self, old_parent: int | Path, old: str, parent: int | Path, name: str) -> None:
        os.replace(
            _at(old_parent, old),
            _at(parent, name),
            src_dir_fd=_fd(old_parent),
            dst_dir_fd=_fd(parent),
        )

    def _unlink(self, parent: int | Path, name: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(_at(parent, name), dir_fd=_fd(parent))

    def _own(self, path: str) -> AbstractContextManager[None]:
        return nullcontext() if self._readers is None else self._readers.own(path)

    def _exists(self, parent: int | Path, name: str) -> bool:
        try:
            os.stat(_at(parent, name), dir_fd=_fd(parent), follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def _sync(self, parent: int | Path) -> None:
        if isinstance(parent, int):
            os.fsync(parent)

    def _prune(self, path: str) -> None:
        """Remove folders that a removal has emptied; never the project's own."""
        folder = (self.root / path).parent
        while folder != self.root:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _ignore(self) -> Ignore:
        found = self.read(IGNORE_FILE)
        return Ignore("" if found is None else found[0].decode("utf-8", "replace"))

    def _note(self, files: dict[str, Stat], path: str, entry: os.DirEntry[str]) -> None:
        # It may go while we look.
        with suppress(FileNotFoundError):
            files[path] = _stat(entry.stat(follow_symlinks=False))


@contextmanager
def translated_but_missing(path: Path) -> Iterator[None]:
    """As `translated`, but a missing file stays FileNotFoundError."""
    try:
        with translated(path):
            try:
                yield
            except FileNotFoundError as error:
                raise _Missing from error
    except _Missing:
        raise FileNotFoundError(path) from None


class _Missing(Exception):
    pass


def _not_ours(entry: os.DirEntry[str], path: str, ignore: Ignore) -> str | None:
    """Why an entry is left alone, where its writer should know of it."""
    if ignore.asked(path):
        return None
    tool = other_tools.at_work(entry.name)
    if tool is not None:
        return other_tools.warning(tool)
    if ignore.file(path):
        return None
    if entry.is_symlink():
        return "symbolic links are not followed"
    if entry.is_dir(follow_symlinks=False):
        return None
    if not entry.is_file(follow_symlinks=False):
        return "it is not a regular file"
    copy = other_tools.left_copy(entry.name)
    return None if copy is None else other_tools.copy_warning(copy)


def _open(parent: int | Path, name: str, flags: int, mode: int = 0o666) -> int:
    return os.open(_at(parent, name), flags, mode, dir_fd=_fd(parent))


def _open_quietly(parent: int | Path, name: str) -> int:
    flags = os.O_RDONLY | _NO_FOLLOW | _BINARY
    try:
        return _open(parent, name, flags | _NO_ACCESS_TIME)
    except PermissionError:
        # Only a file's owner may leave its access time as it is.
        return _open(parent, name, flags)


def _at(parent: int | Path, name: str) -> str | Path:
    return name if isinstance(parent, int) else parent / name


def _fd(parent: int | Path) -> int | None:
    return parent if isinstance(parent, int) else None


def _stat(info: os.stat_result) -> Stat:
    return Stat(
        info.st_size, info.st_mtime_ns, info.st_ino, bool(info.st_mode & 0o100) and os.name != "nt"
    )
