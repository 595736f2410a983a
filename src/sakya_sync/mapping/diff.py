"""From one text to another in one delta: lines first, then words within what changed.

Words, because that is what a writer changes: a character-wise difference finds letters in common
between unrelated sentences, and merges them into nonsense. And lines first, because word by word a
whole chapter takes seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from re import compile as pattern
from typing import Final

from rapidfuzz.distance import Indel

from sakya_sync.mapping.alignment import aligned
from sakya_sync.replica.steps import Delete, Insert, Retain, Step

SIMILAR_MIN: Final = 0.4
"""Below this a changed passage counts as rewritten, and is replaced whole."""
HUNK_TOKENS_MAX: Final = 60_000

_WORDS = pattern(r"\w+|\s+|[^\w\s]")


def text_steps(old: str, new: str) -> tuple[Step, ...]:
    """Steps that make `new` of `old`; none when they are equal."""
    if old == new:
        return ()
    start = _common_prefix(old, new)
    end = _common_suffix(old, new, start)
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    return tuple(_merged([Retain(start), *_lines(middle_old, middle_new), Retain(end)]))


@dataclass(frozen=True, slots=True)
class Distance:
    """How far one text is from another, in words and marks."""

    gone: int
    come: int

    @property
    def total(self) -> int:
        return self.gone + self.come


def text_distance(old: str, new: str) -> Distance:
    """The fewest words to take from `old` and put into it, line by line, to make it `new`."""
    if old == new:
        return Distance(0, 0)
    start = _common_prefix(old, new)
    end = _common_suffix(old, new, start)
    old_lines = old[start : len(old) - end].splitlines(keepends=True)
    new_lines = new[start : len(new) - end].splitlines(keepends=True)
    gone = come = 0
    for kind, was, now in _blocks(old_lines, new_lines):
        if not kind:
            old_words, new_words = _said(was), _said(now)
            total = Indel.distance(old_words, new_words)
            more = len(new_words) - len(old_words)
            gone, come = gone + (total - more) // 2, come + (total + more) // 2
    return Distance(gone, come)


def _said(text: str) -> list[str]:
    return [word for word in _WORDS.findall(text) if not word.isspace()]


def _lines(old: str, new: str) -> Iterator[Step]:
    if not old or not new:
        yield from (Delete(len(old)), Insert(new))
        return
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if len(old_lines) == 1 and len(new_lines) == 1:
        yield from _words(old, new)
        return
    for kind, was, now in _blocks(old_lines, new_lines):
        if kind:
            yield Retain(len(was))
        else:
            yield from _words(was, now)


def _words(old: str, new: str) -> Iterator[Step]:
    if not old or not new:
        yield from (Delete(len(old)), Insert(new))
        return
    old_words, new_words = _WORDS.findall(old), _WORDS.findall(new)
    if len(old_words) + len(new_words) > HUNK_TOKENS_MAX:
        yield from (Delete(len(old)), Insert(new))
        return
    if _similarity(old_words, new_words) < SIMILAR_MIN:
        yield from (Delete(len(old)), Insert(new))
        return
    for kind, was, now in _blocks(old_words, new_words):
        if kind:
            yield Retain(len(was))
        else:
            yield from (Delete(len(was)), Insert(now))


def _similarity(old: Sequence[str], new: Sequence[str]) -> float:
    """By words alone: any two sentences have their spaces in common."""
    return Indel.normalized_similarity(
        [word for word in old if not word.isspace()], [word for word in new if not word.isspace()]
    )


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Stretches that are equal, and stretches that differ, in order."""
    for equal, old_start, old_end, new_start, new_end in aligned(old, new):
        yield equal, "".join(old[old_start:old_end]), "".join(new[new_start:new_end])


def _merged(steps: Sequence[Step]) -> Iterator[Step]:
    """Without empty steps, neighbours of a kind joined, and nothing retained at the end."""
    merged: list[Step] = []
    for step in steps:
        last = merged[-1] if merged else None
        match last, step:
            case _, Retain(0) | Delete(0) | Insert(""):
                continue
            case Retain(before), Retain(count):
                merged[-1] = Retain(before + count)
            case Delete(before), Delete(count):
                merged[-1] = Delete(before + count)
            case Insert(before_text), Insert(text):
                merged[-1] = Insert(before_text + text)
            case _:
                merged.append(step)
    if merged and isinstance(merged[-1], Retain):
        merged.pop()
    yield from merged


def _common_prefix(old: str, new: str) -> int:
    """Its length, without cutting a word in two."""
    length = min(len(old), len(new))
    low, high = 0, length
    while low < high:
        middle = (low + high + 1) // 2
        if old.startswith(new[:middle]):
            low = middle
        else:
            high = middle - 1
    if low < len(old) or low < len(new):
        while low and (_in_word(old, low) or _in_word(new, low)):
            low -= 1
    return low


def _common_suffix(old: str, new: str, start: int) -> int:
    """Its length, without reaching into the prefix or cutting a word in two."""
    length = min(len(old), len(new)) - start
    low, high = 0, length
    while low < high:
        middle = (low + high + 1) // 2
        if old.endswith(new[len(new) - middle :]):
            low = middle
        else:
            high = middle - 1
    while low and (_in_word(old, len(old) - low) or _in_word(new, len(new) - low)):
        low -= 1
    return low


def _in_word(text: str, position: int) -> bool:
    """Whether a cut there would part a word."""
    if not 0 < position < len(text):
        return False
    before, after = text[position - 1], text[position]
    return (before.isalnum() or before == "_") and (after.isalnum() or after == "_")
