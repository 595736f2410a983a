"""A project's files as they were at some moment, and what differs between two such states."""

from collections.abc import Mapping
from dataclasses import dataclass

from sakya_sync.ids import FileId
from sakya_sync.mapping.content import Kind, Opaque, Text, data_of
from sakya_sync.mapping.opaque import VERSIONS, read_versions, shown_version
from sakya_sync.mapping.structure import Entry
from sakya_sync.replica.document import Document


@dataclass(frozen=True, slots=True)
class FileState:
    """One file as it was."""

    entry: Entry
    path: str
    """Where it lay: its own path, or the one it had beside another of that path."""
    content: Text | Opaque

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return data_of(self.content)


def content_of(body: Document, entry: Entry) -> Text | Opaque:
    """What a file's document stands for."""
    if entry.kind is Kind.TEXT:
        return Text(body.text(), entry.eol, entry.bom)
    held = read_versions(body.map_items(VERSIONS))
    shown = shown_version(held)
    return Opaque(b"" if shown is None else held[shown])


def side_by_side(
    old: Mapping[str, FileState], new: Mapping[str, FileState]
) -> list[tuple[FileState | None, FileState | None]]:
    """Each file of two states: as it was in the one and in the other; None where it was not."""
    before: dict[FileId, FileState] = {state.entry.file: state for state in old.values()}
    after: dict[FileId, FileState] = {state.entry.file: state for state in new.values()}
    return [(before.get(file), after.get(file)) for file in before.keys() | after.keys()]


def differing(
    old: Mapping[str, FileState], new: Mapping[str, FileState]
) -> dict[str, tuple[bytes | None, bytes | None]]:
    """Files that are not the same in two states: by the newer path, bytes then and now."""
    found: dict[str, tuple[bytes | None, bytes | None]] = {}
    for was, now in side_by_side(old, new):
        if was is None or now is None or was.content != now.content:
            state = now or was
            assert state is not None
            found[state.path] = (
                None if was is None else was.data,
                None if now is None else now.data,
            )
    return dict(sorted(found.items()))
