"""The structure document: which files a project has.

Six root maps, keyed by file id: `path`, `kind`, `mode`, `eol`, `bom`, `deleted`. Flat columns and
not a tree of nodes: a rename on one device and a change of attributes or a deletion on another
touch different registers and merge; two devices that import the same file write equal registers;
and moving a folder hides nothing that somebody else put into it meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sakya_sync.errors import NameInvalid, RecordError
from sakya_sync.ids import FileId
from sakya_sync.mapping.content import Eol, Kind
from sakya_sync.mapping.names import check_path
from sakya_sync.record import versions
from sakya_sync.record.versions import VersionVector

PATH: Final = "path"
KIND: Final = "kind"
MODE: Final = "mode"
EOL: Final = "eol"
BOM: Final = "bom"
DELETED: Final = "deleted"

FILE_ID_CHARACTERS: Final = 43
_COLUMNS: Final = (PATH, KIND, MODE, EOL, BOM, DELETED)


class Maps(Protocol):
    """What is needed of a document."""

    def map_get(self, root: str, key: str) -> Any: ...

    def map_set(self, root: str, key: str, value: Any) -> None: ...

    def map_delete(self, root: str, key: str) -> None: ...

    def map_items(self, root: str) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the project."""

    file: FileId
    path: str
    kind: Kind
    executable: bool = False
    eol: Eol = Eol.LF
    bom: bool = False
    deleted: VersionVector | None = None
    """What whoever deleted it had seen of its body."""

    def hidden(self, body: VersionVector) -> bool:
        """Whether it is deleted: unless the body holds an edit that the deletion did not know."""
        return self.deleted is not None and self.deleted.includes(body)


@dataclass(frozen=True, slots=True)
class Structure:
    """All entries, and what in the document is no entry that a disk could have."""

    entries: Mapping[FileId, Entry]
    faults: tuple[tuple[str, str], ...]
    """Paths that were left out, and why."""


def read_structure(document: Maps) -> Structure:
    """The files as the document has them; others may have written anything into it."""
    columns = {root: document.map_items(root) for root in _COLUMNS}
    entries: dict[FileId, Entry] = {}
    faults: list[tuple[str, str]] = []
    for key, path in sorted(columns[PATH].items()):
        try:
            entry = _entry(key, {root: column.get(key) for root, column in columns.items()})
        except NameInvalid as error:
            faults.append((path, error.details["detail"]))
            continue
        if entry is not None:
            entries[entry.file] = entry
    return Structure(entries, tuple(faults))


def read_entry(document: Maps, file: FileId) -> Entry | None:
    """One file's entry, if it has one that a disk could have."""
    try:
        return _entry(file, {root: document.map_get(root, file) for root in _COLUMNS})
    except NameInvalid:
        return None


def _entry(key: str, values: Mapping[str, Any]) -> Entry | None:
    path = values[PATH]
    if len(key) != FILE_ID_CHARACTERS or not isinstance(path, str):
        return None
    return Entry(
        FileId(key),
        check_path(path),
        Kind.OPAQUE if values[KIND] == Kind.OPAQUE else Kind.TEXT,
        values[MODE] == "x",
        Eol.CRLF if values[EOL] == Eol.CRLF else Eol.LF,
        values[BOM] is True,
        _deleted(values[DELETED]),
    )


def add_entry(document: Maps, entry: Entry) -> None:
    """Put a file in, or its attributes right; only what differs is written."""
    wanted: dict[str, Any] = {
        PATH: entry.path,
        KIND: entry.kind.value,
        MODE: "x" if entry.executable else None,
        EOL: entry.eol.value if entry.eol is not Eol.LF else None,
        BOM: True if entry.bom else None,
        DELETED: None if entry.deleted is None else versions.encode(entry.deleted),
    }
    for root, value in wanted.items():
        if document.map_get(root, entry.file) == value:
            continue
        if value is None:
            document.map_delete(root, entry.file)
        else:
            document.map_set(root, entry.file, value)


def _deleted(value: object) -> VersionVector | None:
    if not isinstance(value, bytes):
        return None
    try:
        return versions.decode(value)
    except RecordError:
        return None
