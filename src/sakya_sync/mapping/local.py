"""What a writer has done on disk since disk and documents last agreed, as steps."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from rapidfuzz.distance import Indel

from sakya_sync.errors import NameInvalid
from sakya_sync.ids import FileId
from sakya_sync.mapping.bases import Base
from sakya_sync.mapping.content import Opaque, Text, TooLarge, digest_of, read_content
from sakya_sync.mapping.names import check_path

SIMILAR_MIN: Final = 0.6


@dataclass(frozen=True, slots=True)
class Found:
    """A file on disk."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    executable: bool
    data: bytes | None
    """Its bytes; None where its times say that it is as its base has it."""


@dataclass(frozen=True, slots=True)
class Create:
    """A new file."""

    found: Found
    path: str
    """In NFC, as documents hold it."""
    content: Text | Opaque


@dataclass(frozen=True, slots=True)
class Edit:
    """A file with new content, which may be of the other kind now."""

    base: Base
    found: Found
    content: Text | Opaque


@dataclass(frozen=True, slots=True)
class Move:
    """A file under a new path; an Edit follows where its content is new too."""

    base: Base
    found: Found
    path: str


@dataclass(frozen=True, slots=True)
class Touch:
    """A file with the same bytes and other times, or another mode."""

    base: Base
    found: Found


@dataclass(frozen=True, slots=True)
class Delete:
    """A file that is gone."""

    base: Base


LocalStep: TypeAlias = Create | Edit | Move | Touch | Delete


@dataclass(frozen=True, slots=True)
class LocalPlan:
    """Everything to be taken in."""

    steps: tuple[LocalStep, ...]
    skipped: tuple[tuple[str, str], ...]
    """Paths that cannot be synced, and why."""


def plan_local(
    bases: Mapping[FileId, Base],
    found: Iterable[Found],
    old_text: Callable[[FileId], str | None],
) -> LocalPlan:
    """Compare the disk with the bases.

    Args:
        found: every file on disk.
        old_text: what a text file held at its base, to recognize one that was renamed and changed.
    """
    by_path = {base.path: base for base in bases.values()}
    present = {item.path: item for item in found}
    moved = _swapped(by_path, present)
    gone = {base.file: base for path, base in by_path.items() if path not in present}
    for base in moved.values():
        gone.pop(base.file, None)
    left = {base.file for base in moved.values()}
    new: dict[str, Found] = {}
    steps: list[LocalStep] = []
    skipped: list[tuple[str, str]] = []
    for path, item in sorted(present.items()):
        other = moved.get(path)
        here = by_path.get(path)
        if other is not None:
            _moved(other, item, steps, skipped)
        elif here is None or here.file in left:
            new[path] = item
        else:
            _compare(here, item, steps, skipped)
    for path, base in _renamed(gone, new, old_text).items():
        _moved(base, new.pop(path), steps, skipped)
        del gone[base.file]
    for path, item in new.items():
        _create(path, item, steps, skipped)
    steps.extend(Delete(base) for base in gone.values())
    return LocalPlan(tuple(steps), tuple(skipped))


def _swapped(by_path: Mapping[str, Base], present: Mapping[str, Found]) -> dict[str, Base]:
    """Files that now lie where another was: by path, the base of what is there."""
    by_inode = {base.inode: base for base in by_path.values() if base.inode}
    moved: dict[str, Base] = {}
    for path, item in present.items():
        here = by_path.get(path)
        if here is None or item.data is None or item.inode == here.inode:
            continue
        other = by_inode.get(item.inode)
        if other is None or other.path == path or other.digest != digest_of(item.data):
            continue
        there = present.get(other.path)
        # One file under two names has not moved from the one to the other.
        linked = there is not None and there.inode == item.inode
        if not linked and (there is None or there.data is not None):
            moved[path] = by_inode.pop(item.inode)
    return moved


def _renamed(
    gone: Mapping[FileId, Base], new: Mapping[str, Found], old_text: Callable[[FileId], str | None]
) -> dict[str, Base]:
    """Which new file is which that is gone: by content, by likeness, and only then by inode.

    A system gives the inode of a file that is gone to the next new one, whatever that is.
    """
    matched: dict[str, Base] = {}
    left = dict(gone)
    by_inode = {base.inode: base for base in gone.values() if base.inode}
    by_digest = {base.digest: base for base in gone.values() if base.size}

    def match(path: str, base: Base | None) -> None:
        if base is not None and path not in matched and base.file in left:
            matched[path] = left.pop(base.file)

    digests = {path: digest_of(item.data) for path, item in new.items() if item.data is not None}
    for path, item in new.items():
        base = by_inode.get(item.inode)
        match(path, base if base is not None and digests.get(path) == base.digest else None)
    for path, digest in digests.items():
        match(path, by_digest.get(digest))
    for path, item in new.items():
        base = by_inode.get(item.inode)
        alike = base and _most_alike(item.data, {base.file: base}, old_text)
        match(path, base if alike else None)
    for path, item in new.items():
        if path not in matched and left:
            best = _most_alike(item.data, left, old_text)
            match(path, None if best is None else left[best])
    for path, item in new.items():
        match(path, by_inode.get(item.inode))
    return matched


def _most_alike(
    data: bytes | None, gone: Mapping[FileId, Base], old_text: Callable[[FileId], str | None]
) -> FileId | None:
    content = None if data is None else read_content(data)
    if not isinstance(content, Text) or not content.text:
        return None
    lines = content.text.splitlines()
    best, best_score = None, SIMILAR_MIN
    for file in sorted(gone):
        old = old_text(file)
        if not old:
            continue
        score = Indel.normalized_similarity(old.splitlines(), lines)
        if score >= best_score:
            best, best_score = file, score
    return best


def _moved(base: Base, item: Found, steps: list[LocalStep], skipped: list[tuple[str, str]]) -> None:
    try:
        steps.append(Move(base, item, check_path(item.path)))
    except NameInvalid as error:
        skipped.append((item.path, error.details["detail"]))
        return
    _compare(base, item, steps, skipped)


def _compare(
    base: Base, item: Found, steps: list[LocalStep], skipped: list[tuple[str, str]]
) -> None:
    if item.data is None:
        if item.executable != base.executable:
            steps.append(Touch(base, item))
        return
    if digest_of(item.data) == base.digest:
        steps.append(Touch(base, item))
        return
    content = read_content(item.data)
    if isinstance(content, TooLarge):
        skipped.append((item.path, too_large(content.size)))
    else:
        steps.append(Edit(base, item, content))


def _create(path: str, item: Found, steps: list[LocalStep], skipped: list[tuple[str, str]]) -> None:
    if item.data is None:
        return
    content = read_content(item.data)
    try:
        normal = check_path(path)
    except NameInvalid as error:
        skipped.append((path, error.details["detail"]))
        return
    if isinstance(content, TooLarge):
        skipped.append((path, too_large(content.size)))
    else:
        steps.append(Create(item, normal, content))


def too_large(size: int) -> str:
    """Why a large file is not synced yet."""
    return f"not synced yet: {size / 1024:,.0f} KiB, and such files may have 256"
