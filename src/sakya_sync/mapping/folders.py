"""Folders with nothing in them, which no file's path speaks of.

The structure document's root map `folder` holds their paths in NFC. A folder that gets a file is
taken out of it by whoever sees that: the file's path says enough.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from sakya_sync.errors import NameInvalid
from sakya_sync.mapping.names import check_path
from sakya_sync.mapping.structure import Maps

FOLDER: Final = "folder"


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """From one set of folders to another, by path."""

    come: tuple[str, ...]
    gone: tuple[str, ...]


def changes(before: Iterable[str], now: Iterable[str]) -> FolderChanges:
    """What came and what went; names that differ in their normal form only are the same."""
    was, is_ = _by_normal(before), _by_normal(now)
    return FolderChanges(
        tuple(sorted(is_[key] for key in is_.keys() - was.keys())),
        tuple(sorted(was[key] for key in was.keys() - is_.keys())),
    )


def read_folders(document: Maps) -> frozenset[str]:
    """The paths that a disk could have; others may have written anything into the document."""
    return frozenset(path for path in document.map_items(FOLDER) if _fits(path))


def write_folders(document: Maps, come: Iterable[str], gone: Iterable[str]) -> None:
    """Put paths in, and take others out; every one that comes has passed `refused`."""
    for path in come:
        document.map_set(FOLDER, normalize("NFC", path), True)
    for path in gone:
        document.map_delete(FOLDER, normalize("NFC", path))


def refused(paths: Set[str]) -> dict[str, str]:
    """Folders that cannot be on every system, and why."""
    reasons: dict[str, str] = {}
    for path in sorted(paths):
        try:
            check_path(path)
        except NameInvalid as error:
            reasons[path] = error.details["detail"]
    return reasons


def _fits(path: str) -> bool:
    try:
        return check_path(path) == path
    except NameInvalid:
        return False


def _by_normal(paths: Iterable[str]) -> Mapping[str, str]:
    return {normalize("NFC", path): path for path in paths}
