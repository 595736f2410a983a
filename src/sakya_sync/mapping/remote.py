"""What has to happen on disk for it to show what the documents hold, as steps in order."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final, TypeAlias
from unicodedata import normalize

from sakya_sync.ids import FileId
from sakya_sync.mapping.bases import Base
from sakya_sync.mapping.names import collision_key

# The app reads these as lists of the other files: written last, they never name one that is not
# there yet.
_LISTS: Final = ("manuscript.yaml", "notes.yaml", "sakya.yaml")
_ASIDE: Final = ".sakya-moving"


@dataclass(frozen=True, slots=True)
class Write:
    """Put a document's content at a path."""

    file: FileId
    path: str


@dataclass(frozen=True, slots=True)
class Relocate:
    """Rename a file."""

    file: FileId
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a file away."""

    file: FileId
    path: str


DiskStep: TypeAlias = Write | Relocate | Remove


def plan_remote(
    rendered: Mapping[FileId, str], bases: Mapping[FileId, Base], changed: Set[FileId]
) -> tuple[DiskStep, ...]:
    """Renames first, then contents, lists of files after the files, and removals last.

    Args:
        rendered: where each file belongs.
        bases: where each file is.
        changed: files whose document holds something else than their base.
    """
    relocations: dict[FileId, tuple[str, str]] = {}
    writes: list[Write] = []
    removals: list[Remove] = []
    for file, path in rendered.items():
        base = bases.get(file)
        if base is None:
            writes.append(Write(file, path))
            continue
        # A name that differs in its normal form only is left as the disk has it.
        where = base.path if normalize("NFC", base.path) == path else path
        if where != base.path:
            relocations[file] = (base.path, where)
        if file in changed:
            writes.append(Write(file, where))
    for file, base in bases.items():
        if file not in rendered:
            removals.append(Remove(file, base.path))
    # A file that is to be removed must not be in the way of one that comes there.
    arriving = {collision_key(target) for _, target in relocations.values()}
    arriving.update(collision_key(step.path) for step in writes)
    first = [step for step in removals if collision_key(step.path) in arriving]
    last = [step for step in removals if collision_key(step.path) not in arriving]
    writes.sort(key=lambda step: (step.path.rpartition("/")[2] in _LISTS, step.path))
    return (*first, *_ordered(relocations), *writes, *last)


def _ordered(relocations: Mapping[FileId, tuple[str, str]]) -> list[DiskStep]:
    """An order in which no rename lands on a file that has still to go; cycles step aside."""
    waiting = dict(relocations)
    steps: list[DiskStep] = []
    while waiting:
        occupied = {collision_key(source): file for file, (source, _) in waiting.items()}
        free = [
            file
            for file, (_, target) in waiting.items()
            if occupied.get(collision_key(target), file) == file
        ]
        steps.extend(Relocate(file, *waiting.pop(file)) for file in free)
        if not free:
            file, (source, target) = next(iter(waiting.items()))
            steps.append(Relocate(file, source, source + _ASIDE))
            waiting[file] = (source + _ASIDE, target)
    return steps
