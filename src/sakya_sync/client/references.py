"""From what a writer types to a version of the project."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sakya_sync.client.history import History
from sakya_sync.errors import ReferenceInvalid, VersionUnknown
from sakya_sync.history.reference import EXAMPLES, At, Id, Named, Point, nearest, parse_reference
from sakya_sync.history.snapshots import Kind, Snapshot
from sakya_sync.history.version import ProjectVersion
from sakya_sync.history.when import parse_moment

YESTERDAY: Final = "yesterday"


@dataclass(frozen=True, slots=True)
class Found:
    """A version, and what to call it."""

    name: str
    version: ProjectVersion
    at_ms: int


def resolve(history: History, text: str) -> Found:
    """A version of the project: a snapshot's name or id, a date, or `@{…}`.

    Raises: ReferenceInvalid, VersionUnknown, MomentUnclear and their kin.
    """
    reference = parse_reference(text, _names(history))
    if reference.path is not None:
        raise ReferenceInvalid("it names one file", reference=text, examples=EXAMPLES)
    return _found(history, reference.point)


def resolve_in_file(history: History, text: str) -> tuple[str, Found]:
    """A path as it was typed, and a version: `PATH@{…}`, `PATH@NAME`. Raises as `resolve`."""
    reference = parse_reference(text, _names(history))
    if reference.path is None:
        raise ReferenceInvalid("it names no file", reference=text, examples=EXAMPLES)
    return reference.path, _found(history, reference.point)


def newest(history: History) -> Found:
    """The newest snapshot that a writer named; without any, how things stood yesterday."""
    for snapshot in history.snapshots():
        if snapshot.kind is Kind.NAMED:
            return _of(snapshot)
    return _found(history, At(YESTERDAY))


def find_snapshot(held: Sequence[Snapshot], name: str) -> Snapshot:
    """The newest of that name, or the one whose id begins so. Raises VersionUnknown.

    Args: held: newest first.
    """
    named = [item for item in held if item.name == name]
    named = named or [item for item in held if len(name) >= 4 and item.id.startswith(name)]
    if not named:
        raise _unknown(name, held)
    return named[0]


def _unknown(name: str, held: Sequence[Snapshot]) -> VersionUnknown:
    names = [item.name for item in held if item.kind is Kind.NAMED]
    alike = nearest(name, names) or tuple(names[:3])
    return VersionUnknown(name=name, nearest=", ".join(alike) or "there is no snapshot yet")


def _found(history: History, point: Point) -> Found:
    match point:
        case Named(name):
            return _of(find_snapshot(history.snapshots(), name))
        case Id(prefix):
            for snapshot in history.snapshots():
                if snapshot.id.startswith(prefix) or snapshot.version.id.startswith(prefix):
                    return _of(snapshot)
            raise _unknown(prefix, history.snapshots())
        case At(expression):
            moment = parse_moment(expression, history.now_ms, history.zone)
            return Found(moment.meaning, history.at(moment.at_ms // 1000), moment.at_ms)


def _of(snapshot: Snapshot) -> Found:
    return Found(snapshot.name, snapshot.version, snapshot.at_ms)


def _names(history: History) -> list[str]:
    return [snapshot.name for snapshot in history.snapshots()]
