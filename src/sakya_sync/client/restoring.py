"""Bringing back what was: as edits like any other, which sync, merge and can be undone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sakya_sync.client.filestate import FileState, content_of, side_by_side
from sakya_sync.client.folder_sync import write_into
from sakya_sync.client.history import History
from sakya_sync.client.names import STRUCTURE
from sakya_sync.client.subject_rooms import SubjectRooms
from sakya_sync.errors import VersionIncomplete
from sakya_sync.history.snapshots import Snapshot
from sakya_sync.history.version import ProjectVersion
from sakya_sync.ids import FileId
from sakya_sync.mapping.content import Text
from sakya_sync.mapping.structure import add_entry, read_entry


class Does(StrEnum):
    """What restoring does to a file."""

    CHANGE = "change"
    RETURN = "return"
    MOVE = "move"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Step:
    """One file that restoring would touch."""

    does: Does
    path: str
    now: FileState | None
    then: FileState | None


def plan_restore(
    history: History, version: ProjectVersion, paths: Sequence[str] = ()
) -> tuple[Step, ...]:
    """What would have to change for files to be as they were; by path.

    Args: paths: of files or folders, as they were called then or are now; all, if none is given.
    Raises: VersionIncomplete, where parts of the version have not come to this device.
    """
    if history.missing(version):
        raise VersionIncomplete(name="that version")
    steps: list[Step] = []
    for old, current in side_by_side(history.files(version), history.files(history.now())):
        if paths and not any(_within(state.path, paths) for state in (old, current) if state):
            continue
        if old is None:
            if not paths and current is not None:
                steps.append(Step(Does.REMOVE, current.path, current, None))
        elif current is None:
            steps.append(Step(Does.RETURN, old.path, None, old))
        elif current.content != old.content or current.entry.executable != old.entry.executable:
            steps.append(Step(Does.CHANGE, old.path, current, old))
        elif current.entry.path != old.entry.path:
            steps.append(Step(Does.MOVE, old.path, current, old))
    return tuple(sorted(steps, key=lambda step: step.path))


def apply_restore(rooms: SubjectRooms, steps: Iterable[Step]) -> frozenset[str]:
    """Make the documents so. Returns the names of the rooms that changed."""
    touched: set[str] = set()
    structure = rooms.room(STRUCTURE)
    for step in steps:
        if step.then is None:
            assert step.now is not None
            room = rooms.room(step.now.entry.file)
            entry = replace(step.now.entry, deleted=room.version())
        else:
            entry = replace(step.then.entry, deleted=None)
            room = rooms.room(entry.file)
            if content_of(room.document, entry) != step.then.content:
                write_into(room, room.document.frontier(), step.then.content)
        with structure.edit() as document:
            add_entry(document, entry)
        touched |= {entry.file, STRUCTURE}
    return frozenset(touched)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A text put together from some paragraphs of then and others of now."""

    text: str
    seen: bytes
    """The frontier of the document that it was put together from: what came since is kept."""


def apply_chosen(rooms: SubjectRooms, step: Step, chosen: Chosen) -> frozenset[str]:
    """Bring back parts of a file. Returns the names of the rooms that changed."""
    assert step.now is not None
    entry = step.now.entry
    write_into(rooms.room(entry.file), chosen.seen, Text(chosen.text, entry.eol, entry.bom))
    return frozenset([entry.file])


def undo_restore(rooms: SubjectRooms, snapshot: Snapshot) -> frozenset[str]:
    """Take back what was done after a safety snapshot, and only that: later edits stay.

    Returns: the names of the rooms that changed.
    """
    assert snapshot.after is not None
    touched: set[str] = set()
    structure = rooms.room(STRUCTURE)
    before = structure.document.at(snapshot.version.structure)
    for file, after in snapshot.after.bodies.items():
        room = rooms.room(file)
        entry, now = read_entry(before, file), read_entry(structure.document, file)
        frontier = snapshot.version.bodies.get(file)
        if entry is not None and frontier is not None and frontier != after:
            write_into(room, after, content_of(room.document.at(frontier), entry))
            touched.add(file)
        if entry is None and now is not None:
            entry = replace(now, deleted=room.version())
        if entry is not None and entry != now:
            with structure.edit() as document:
                add_entry(document, entry)
            touched |= {file, STRUCTURE}
    return frozenset(touched)


def files_now(rooms: SubjectRooms, files: Iterable[FileId]) -> ProjectVersion:
    """What some files are now."""
    return ProjectVersion(
        rooms.room(STRUCTURE).document.frontier(),
        {file: rooms.room(file).document.frontier() for file in files},
    )


def _within(path: str, chosen: Sequence[str]) -> bool:
    return any(path == item or path.startswith(f"{item.rstrip('/')}/") for item in chosen)
