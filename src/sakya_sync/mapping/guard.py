"""What holds back a scan that would take away much at once.

A disk that is not mounted, a folder that another tool has emptied, a script gone wrong: seen from
here they look like a writer who deletes everything. So what takes away is held until the writer
says that it is meant; all else goes on.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Final

from sakya_sync.ids import FileId
from sakya_sync.mapping.bases import Base
from sakya_sync.mapping.content import Text
from sakya_sync.mapping.local import Create, Delete, Edit, LocalPlan, LocalStep

FILES_MAX: Final = 3
FILES_SHARE: Final = 0.2
TEXT_SHARE: Final = 0.5
TEXT_BYTES_MIN: Final = 2_048
"""Losing less text than this, some 300 words, is never held for it: in a small project half of it
is soon rewritten."""


@dataclass(frozen=True, slots=True)
class Held:
    """One file that was not deleted, or not shortened, elsewhere."""

    file: FileId
    path: str
    gone: bool
    """Whether it is not on this disk any more; else it has lost more than half of its text."""

    @property
    def reason(self) -> str:
        """For the writer."""
        what = "it is gone" if self.gone else "it has lost most of its text"
        return f"{what}, with much else at once, so this was not done elsewhere"


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken away in the last moments: a folder does not vanish all at once."""

    files: int = 0
    text_bytes: int = 0


def guard(
    plan: LocalPlan,
    bases: Mapping[FileId, Base],
    texts: Set[FileId],
    *,
    lately: Taken = Taken(),
    approved: Set[FileId] = frozenset(),
    emptied: bool = False,
) -> tuple[LocalPlan, tuple[Held, ...]]:
    """The plan without what is held, and that.

    Args:
        texts: the files that hold text; how much is lost of a picture says nothing.
        approved: files of which the writer said that it is meant.
        emptied: whether there is nothing at all in the folder, not even what marks it.
    """
    meant = [step for step in plan.steps if _takes_away(step) and _file(step) in approved]
    rest = [step for step in plan.steps if step not in meant]
    taking = [step for step in rest if _takes_away(step)]
    if not taking or not (emptied or _too_much(rest, bases, texts, lately)):
        return plan, ()
    going_on = tuple(step for step in plan.steps if step not in taking)
    return replace(plan, steps=going_on), tuple(map(_held, taking))


def taken_by(plan: LocalPlan, texts: Set[FileId], approved: Set[FileId]) -> Taken:
    """How much a plan takes away that nobody was asked about."""
    taking = [step for step in plan.steps if _takes_away(step) and _file(step) not in approved]
    return Taken(
        sum(isinstance(step, Delete) for step in taking),
        -sum(_grows(step, texts) for step in taking),
    )


def takes_away(plan: LocalPlan) -> bool:
    """Whether a plan deletes or shortens anything, so that `guard` has something to weigh."""
    return any(map(_takes_away, plan.steps))


def _too_much(
    steps: list[LocalStep], bases: Mapping[FileId, Base], texts: Set[FileId], lately: Taken
) -> bool:
    files = sum(isinstance(step, Delete) for step in steps) + lately.files
    if files > max(FILES_MAX, FILES_SHARE * (len(bases) + lately.files)):
        return True
    before = sum(base.size for file, base in bases.items() if file in texts) + lately.text_bytes
    lost = lately.text_bytes - sum(_grows(step, texts) for step in steps)
    return lost >= TEXT_BYTES_MIN and lost > TEXT_SHARE * before


def _takes_away(step: LocalStep) -> bool:
    match step:
        case Delete():
            return True
        case Edit(base, found, _):
            return found.size < TEXT_SHARE * base.size
        case _:
            return False


def _grows(step: LocalStep, texts: Set[FileId]) -> int:
    """How many bytes of text a step adds."""
    match step:
        case Create(found, _, Text()):
            return found.size
        case Edit(base, found, _) if base.file in texts:
            return found.size - base.size
        case Delete(base) if base.file in texts:
            return -base.size
        case _:
            return 0


def _file(step: LocalStep) -> FileId:
    assert isinstance(step, Delete | Edit)
    return step.base.file


def _held(step: LocalStep) -> Held:
    if isinstance(step, Edit):
        return Held(step.base.file, step.found.path, gone=False)
    assert isinstance(step, Delete)
    return Held(step.base.file, step.base.path, gone=True)
