"""Named moments of a project, in a document of their own.

Root maps keyed by snapshot id, so that a rename here and a deletion there merge. What others wrote
may be anything: what is no snapshot is not shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sakya_sync.errors import NameInvalid, RecordError
from sakya_sync.history.version import ProjectVersion
from sakya_sync.ids import AuthorId, PublicKey
from sakya_sync.mapping.structure import Maps

NAME_CHARACTERS_MAX: Final = 200
MESSAGE_CHARACTERS_MAX: Final = 10_000
ID_BYTES: Final = 8

_NAME: Final = "name"
_MESSAGE: Final = "message"
_KIND: Final = "kind"
_MADE: Final = "made"
_VERSION: Final = "version"
_AFTER: Final = "after"
_COLUMNS: Final = (_NAME, _MESSAGE, _KIND, _MADE, _VERSION, _AFTER)


class Kind(StrEnum):
    """Why a snapshot was made."""

    NAMED = "named"
    SAFETY = "safety"
    """By itself, before something dangerous."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a project held."""

    files: int
    chapters: int
    words: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment that a writer gave a name."""

    id: str
    """16 hexadecimal digits."""
    name: str
    message: str
    kind: Kind
    at_ms: int
    """By the clock of the device that made it, and later than any that it knew of."""
    utc_offset_minutes: int
    author: AuthorId
    """The device that made it, by its own word."""
    counts: Counts
    version: ProjectVersion
    after: ProjectVersion | None = None
    """For a safety snapshot, what the dangerous thing made of the files that it touched."""


def check_name(name: str) -> str:
    """A snapshot's name, without spaces around it. Raises NameInvalid."""
    trimmed = name.strip()
    if not trimmed or len(trimmed) > NAME_CHARACTERS_MAX or not trimmed.isprintable():
        raise NameInvalid("a snapshot's name is 1 to 200 printable characters", name=name)
    if trimmed.startswith(("@", "-")) or "@{" in trimmed:
        raise NameInvalid("it could be taken for a moment in time or an option", name=name)
    return trimmed


def put_snapshot(document: Maps, snapshot: Snapshot) -> None:
    """Write one in."""
    made = [
        snapshot.at_ms,
        snapshot.utc_offset_minutes,
        bytes(snapshot.author),
        snapshot.counts.files,
        snapshot.counts.chapters,
        snapshot.counts.words,
    ]
    document.map_set(_NAME, snapshot.id, snapshot.name)
    if snapshot.message:
        document.map_set(_MESSAGE, snapshot.id, snapshot.message)
    document.map_set(_KIND, snapshot.id, snapshot.kind.value)
    document.map_set(_MADE, snapshot.id, made)
    document.map_set(_VERSION, snapshot.id, snapshot.version.encode())
    if snapshot.after is not None:
        document.map_set(_AFTER, snapshot.id, snapshot.after.encode())


def rename_snapshot(document: Maps, snapshot: str, name: str) -> None:
    """Give it another name."""
    document.map_set(_NAME, snapshot, name)


def remove_snapshot(document: Maps, snapshot: str) -> None:
    """Forget the name; what was written stays in the documents' history."""
    for column in _COLUMNS:
        document.map_delete(column, snapshot)


def read_snapshots(document: Maps) -> list[Snapshot]:
    """All, newest first."""
    columns = {column: document.map_items(column) for column in _COLUMNS}
    found = [
        snapshot
        for key in columns[_VERSION]
        if (snapshot := _read(key, {name: column.get(key) for name, column in columns.items()}))
    ]
    return sorted(found, key=lambda item: (-item.at_ms, item.id))


def _read(key: str, values: Mapping[str, Any]) -> Snapshot | None:
    name, message, made = values[_NAME], values[_MESSAGE], values[_MADE]
    if not isinstance(name, str) or not isinstance(made, list) or len(made) != 6:
        return None
    at_ms, offset, author, *counts = made
    if not isinstance(author, bytes) or len(author) != 32:
        return None
    if not all(type(number) is int and abs(number) < 2**53 for number in (at_ms, offset, *counts)):
        return None
    encoded, afterwards = values[_VERSION], values[_AFTER]
    if not isinstance(encoded, bytes) or not isinstance(afterwards, bytes | None):
        return None
    try:
        version = ProjectVersion.decode(encoded)
        after = None if afterwards is None else ProjectVersion.decode(afterwards)
    except RecordError:
        return None
    return Snapshot(
        key,
        name[:NAME_CHARACTERS_MAX],
        message[:MESSAGE_CHARACTERS_MAX] if isinstance(message, str) else "",
        Kind.SAFETY if values[_KIND] == Kind.SAFETY else Kind.NAMED,
        at_ms,
        offset,
        AuthorId(PublicKey(author)),
        Counts(*counts),
        version,
        after,
    )
