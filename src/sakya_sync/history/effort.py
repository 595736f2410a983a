"""How many words an edit added and removed, and who wrote what still stands."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sakya_sync.history.words import Layout, count_words, front_matter_length, is_word, tokens
from sakya_sync.replica.steps import Delete, Insert, Retain, Step, apply_steps

T = TypeVar("T")


def effort(old: str, steps: Sequence[Step], layout: Layout) -> tuple[int, int]:
    """Words added and removed by steps on a text. Front matter and data have none."""
    if layout is Layout.DATA:
        return 0, 0
    if not old:
        return count_words(apply_steps(steps, old), layout), 0
    prose = front_matter_length(old)
    added = removed = 0
    for begin, end, new in _hunks(steps):
        if end <= prose and prose:
            continue
        # Half a word that is left of another counts with what was done to it.
        left, right = _begin_of_word(old, begin), _end_of_word(old, end)
        before = _words(old[left:right])
        after = _words(old[left:begin] + new + old[end:right])
        added += (after - before).total()
        removed += (before - after).total()
    return added, removed


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """A stretch of a text, with whatever is said of it."""

    text: str
    of: T


def attribute(pieces: Sequence[Piece[T]], steps: Iterable[Step], of: T) -> list[Piece[T]]:
    """The pieces of a text after steps that somebody made."""
    rest = list(reversed(pieces))
    done: list[Piece[T]] = []
    for step in steps:
        match step:
            case Retain(count):
                done += _take(rest, count)
            case Insert(text):
                done.append(Piece(text, of))
            case Delete(count):
                _take(rest, count)
    done += reversed(rest)
    return _joined(done)


def _take(rest: list[Piece[T]], count: int) -> list[Piece[T]]:
    taken: list[Piece[T]] = []
    while count > 0 and rest:
        piece = rest.pop()
        if len(piece.text) > count:
            rest.append(Piece(piece.text[count:], piece.of))
            piece = Piece(piece.text[:count], piece.of)
        taken.append(piece)
        count -= len(piece.text)
    return taken


def _joined(pieces: Iterable[Piece[T]]) -> list[Piece[T]]:
    joined: list[Piece[T]] = []
    for piece in pieces:
        if not piece.text:
            continue
        if joined and joined[-1].of == piece.of:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.of)
        else:
            joined.append(piece)
    return joined


def _hunks(steps: Sequence[Step]) -> list[tuple[int, int, str]]:
    """What is replaced by what: begin and end in the old text, and the new one."""
    hunks: list[tuple[int, int, str]] = []
    at = 0
    begin: int | None = None
    new = ""
    for step in (*steps, Retain(0)):
        match step:
            case Retain(count):
                if begin is not None:
                    hunks.append((begin, at, new))
                    begin, new = None, ""
                at += count
            case Insert(text):
                begin = at if begin is None else begin
                new += text
            case Delete(count):
                begin = at if begin is None else begin
                at += count
    return hunks


def _words(text: str) -> Counter[str]:
    return Counter(token for token in tokens(text) if is_word(token))


def _begin_of_word(text: str, at: int) -> int:
    while at > 0 and not text[at - 1].isspace():
        at -= 1
    return at


def _end_of_word(text: str, at: int) -> int:
    while at < len(text) and not text[at].isspace():
        at += 1
    return at
