"""A change of a text, as steps from its beginning; counts are Unicode code points."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Retain:
    """Leave so many as they are."""

    count: int


@dataclass(frozen=True, slots=True)
class Insert:
    """Put this here."""

    text: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Take so many away."""

    count: int


Step: TypeAlias = Retain | Insert | Delete


def apply_steps(steps: Iterable[Step], text: str) -> str:
    """What the steps make of a text; they may not reach past its end."""
    parts: list[str] = []
    position = 0
    for step in steps:
        match step:
            case Retain(count):
                parts.append(text[position : position + count])
                position += count
            case Insert(inserted):
                parts.append(inserted)
            case Delete(count):
                position += count
    assert position <= len(text)
    parts.append(text[position:])
    return "".join(parts)
