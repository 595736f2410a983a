"""What names a version of a project, or of one of its files.

`NAME` and `@{yesterday}` name one of the project, `PATH@NAME` and `PATH@{yesterday}` of a file.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from re import compile as pattern
from typing import Final, TypeAlias

from sakya_sync.errors import ReferenceInvalid

EXAMPLES: Final = "first draft, @{yesterday}, manuscript/one.md@{2 hours ago}, one.md@first draft"
NEAREST_MAX: Final = 3
ALIKE_MIN: Final = 60
"""In per cent, how alike a name must be to be meant perhaps."""

_AT = pattern(r"([\s\S]*)@\{([^{}]*)\}")
_DATE = pattern(r"\d{4}-\d{1,2}(-\d{1,2}([tT ].*)?)?")
_ID = pattern(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True)
class Named:
    """A named snapshot."""

    name: str


@dataclass(frozen=True, slots=True)
class At:
    """A moment, for `parse_moment`."""

    expression: str


@dataclass(frozen=True, slots=True)
class Id:
    """A version by the beginning of its id: 8 to 64 hexadecimal digits in lower case."""

    prefix: str


Point: TypeAlias = Named | At | Id


@dataclass(frozen=True, slots=True)
class Reference:
    """A version of one file, or of the whole project where `path` is None."""

    path: str | None
    point: Point


def parse_reference(text: str, names: Collection[str] = ()) -> Reference:
    """What that names.

    Args:
        names: of the snapshots there are; one of them is meant before anything else, whatever
            it looks like.

    Raises: ReferenceInvalid.
    """
    said = text.strip()
    if said in names:
        return Reference(None, Named(said))
    if found := _AT.fullmatch(said):
        return Reference(_path(said, found[1], empty=True), At(_expression(said, found[2])))
    if "@{" in said:
        raise _invalid(said, "it has to end with the } that closes the moment")
    for at in _places(said, "@"):
        if said[at + 1 :].strip() in names:
            return Reference(_path(said, said[:at]), Named(said[at + 1 :].strip()))
    path, at_sign, point = said.rpartition("@")
    if not point.strip():
        raise _invalid(said, "there is no version after the @" if at_sign else "it is empty")
    return Reference(_path(said, path) if at_sign else None, _point(point.strip()))


def nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names most like that one, the likest first; none where none is like it."""
    from rapidfuzz.fuzz import WRatio
    from rapidfuzz.process import extract

    found = extract(
        name,
        sorted(set(names)),
        scorer=WRatio,
        processor=str.casefold,
        score_cutoff=ALIKE_MIN,
        limit=NEAREST_MAX,
    )
    return tuple(likest for likest, _, _ in found)


def _point(text: str) -> Point:
    if _DATE.fullmatch(text):
        return At(text)
    return Id(text) if _ID.fullmatch(text) else Named(text)


def _path(said: str, path: str, *, empty: bool = False) -> str | None:
    if path.strip():
        return path.strip()
    if empty:
        return None
    raise _invalid(said, "there is no path before the @")


def _expression(said: str, expression: str) -> str:
    if not expression.strip():
        raise _invalid(said, "there is no moment between the braces")
    return expression.strip()


def _places(text: str, sign: str) -> Iterable[int]:
    return [at for at, letter in enumerate(text) if letter == sign]


def _invalid(said: str, detail: str) -> ReferenceInvalid:
    return ReferenceInvalid(detail, reference=said, examples=EXAMPLES)
