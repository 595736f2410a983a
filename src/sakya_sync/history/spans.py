"""What changed between two passages, word by word, so that a person likes to read it.

The shortest difference is not the most readable one: between two rewritten sentences it finds a
stray "the" in common. Such islands are taken as changed too, and an added sentence is shown from
its beginning to its end, not from the last word of the one before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from re import compile as pattern
from typing import Final

from sakya_sync.history.words import is_word, tokens
from sakya_sync.mapping.alignment import aligned

WORDS_AT_ONCE: Final = 20_000
"""Passages of more pieces are compared sentence by sentence first."""


class SpanKind(StrEnum):
    """Which of two texts has a stretch."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch that both texts have, or only one of them."""

    kind: SpanKind
    text: str


_ENDS: Final = ".!?\u2026\u3002\uff01\uff1f"
_SENTENCES = pattern(rf"[^{_ENDS}\r\n]*+[{_ENDS}\r\n]*+\s*+")
_SENTENCE_ENDS: Final = frozenset(_ENDS)
_CLOSING: Final = frozenset("\"')]*_\u201d\u2019\u00bb")


@dataclass(slots=True)
class _Run:
    """Pieces that are the same, but for spaces, or that differ."""

    same: bool
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


def changed_spans(old: str, new: str) -> tuple[Span, ...]:
    """From one passage to the other: without REMOVED the spans are `new`, without ADDED `old`."""
    if old == new:
        return joined([Span(SpanKind.SAME, old)])
    old_words, new_words = tokens(old), tokens(new)
    if len(old_words) + len(new_words) > WORDS_AT_ONCE:
        return joined(_by_sentences(old, new))
    return joined(_by_words(old_words, new_words))


def joined(spans: list[Span]) -> tuple[Span, ...]:
    """Without empty spans, and with neighbours of a kind as one."""
    done: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if done and done[-1].kind is span.kind:
            done[-1] = Span(span.kind, done[-1].text + span.text)
        else:
            done.append(span)
    return tuple(done)


def replaced(old: str, new: str) -> list[Span]:
    """One for the other, with nothing in common but what is equal altogether."""
    if old == new:
        return [Span(SpanKind.SAME, old)]
    return [Span(SpanKind.REMOVED, old), Span(SpanKind.ADDED, new)]


def _by_sentences(old: str, new: str) -> list[Span]:
    spans: list[Span] = []
    was, now = _SENTENCES.findall(old), _SENTENCES.findall(new)
    for equal, old_start, old_end, new_start, new_end in aligned(was, now):
        gone, come = "".join(was[old_start:old_end]), "".join(now[new_start:new_end])
        if equal:
            spans.append(Span(SpanKind.SAME, gone))
            continue
        old_words, new_words = tokens(gone), tokens(come)
        if len(old_words) + len(new_words) > WORDS_AT_ONCE:
            spans += replaced(gone, come)
        else:
            spans += _by_words(old_words, new_words)
    return spans


def _by_words(old: list[str], new: list[str]) -> list[Span]:
    spans: list[Span] = []
    for run in _slid(_without_islands(_runs(old, new))):
        if not run.same:
            spans += _exchanged(run.old, run.new)
            continue
        if run.old == run.new:
            spans.append(Span(SpanKind.SAME, "".join(run.new)))
            continue
        for was, now in zip(run.old, run.new, strict=True):
            spans += replaced(was, now)
    return _orderly(spans)


def _exchanged(old: list[str], new: list[str]) -> list[Span]:
    """One for the other, without the space that stands at the same end of both."""
    if not old or not new:
        return replaced("".join(old), "".join(new))
    begin = int(old[0].isspace() and old[0] == new[0])
    end = int(min(len(old), len(new)) > begin and old[-1].isspace() and old[-1] == new[-1])
    return [
        Span(SpanKind.SAME, "".join(old[:begin])),
        *replaced("".join(old[begin : len(old) - end]), "".join(new[begin : len(new) - end])),
        Span(SpanKind.SAME, "".join(old[len(old) - end :])),
    ]


def _runs(old: list[str], new: list[str]) -> Iterator[_Run]:
    for equal, old_start, old_end, new_start, new_end in aligned(_keys(old), _keys(new)):
        yield _Run(equal, old[old_start:old_end], new[new_start:new_end])


_SPACE: Final = (" ", "\n\n")


def _keys(words: Sequence[str]) -> list[str]:
    """One space for any, so that a rewrapped line is the same; but a blank line is none."""
    return [
        word if word == " " or not word.isspace() else _SPACE[blank_line(word)] for word in words
    ]


def blank_line(space: str) -> bool:
    """Whether that space parts two paragraphs."""
    return space.replace("\r\n", "\n").replace("\r", "\n").count("\n") > 1


def _without_islands(runs: Iterable[_Run]) -> list[_Run]:
    """Again and again: what one island parted is larger without it."""
    found = list(runs)
    while True:
        fewer = _islands_joined(found)
        if len(fewer) == len(found):
            return fewer
        found = fewer


def _islands_joined(runs: Sequence[_Run]) -> list[_Run]:
    done: list[_Run] = []
    for run in runs:
        if not run.same and len(done) > 1 and done[-1].same and not done[-2].same:
            island, before = done[-1], done[-2]
            if _weak(island, before, run):
                done.pop()
                before.old += island.old + run.old
                before.new += island.new + run.new
                continue
        done.append(run)
    return done


# Found by looking at revised prose: a word keeps its place in what was rewritten only if it is
# not much shorter than what changed around it.
def _weak(island: _Run, before: _Run, after: _Run) -> bool:
    if any(blank_line(word) for word in island.new if word.isspace()):
        return False
    letters = _letters(island.new)
    if not letters:
        return bool(_size(before) and _size(after))
    sizes = _size(before), _size(after)
    alone = sum(map(is_word, island.new)) == 1
    return 2 * letters <= min(sizes) or (alone and 4 * letters <= max(sizes))


def _size(run: _Run) -> int:
    return max(_letters(run.old), _letters(run.new))


def _letters(words: Sequence[str]) -> int:
    return sum(len(word) for word in words if is_word(word))


def _slid(runs: list[_Run]) -> list[_Run]:
    """With what was only added, or only removed, at the most natural of its possible places."""
    ends = [_Run(True), *runs, _Run(True)]
    for before, run, after in zip(ends, ends[1:], ends[2:], strict=False):
        if not run.same and not (run.old and run.new) and before.same and after.same:
            _slide(before, run.old or run.new, after)
    return ends


def _slide(before: _Run, moving: list[str], after: _Run) -> None:
    width = len(moving)
    around = [*before.new, *moving, *after.new]
    here = len(before.new)
    places = [here]
    for at in range(here - 1, -1, -1):
        if around[at] != around[at + width] or before.old[at] != before.new[at]:
            break
        places.append(at)
    for at in range(here, here + len(after.new)):
        later = at - here
        if around[at] != around[at + width] or after.old[later] != after.new[later]:
            break
        places.append(at + 1)
    best = max(places, key=lambda at: (_edge(around, at) + _edge(around, at + width), at))
    if best == here:
        return
    if best < here:
        after.old[:0] = after.new[:0] = around[best + width : here + width]
        del before.old[best:], before.new[best:]
    else:
        before.old += around[here:best]
        before.new += around[here:best]
        del after.old[: best - here], after.new[: best - here]
    moving[:] = around[best : best + width]


def _edge(words: Sequence[str], at: int) -> int:
    """How natural it is to begin or end there."""
    if at == 0 or at == len(words):
        return 3
    before = words[at - 1]
    if before.isspace():
        if "\n" in before or "\r" in before:
            return 3
        at -= 2
        while at > 0 and words[at] in _CLOSING:
            at -= 1
        return 3 if at >= 0 and words[at] in _SENTENCE_ENDS else 2
    return 1 if words[at].isspace() else 0


def _orderly(spans: list[Span]) -> list[Span]:
    """With all that was removed at one place before all that was added there."""
    done: list[Span] = []
    removed: list[Span] = []
    added: list[Span] = []
    for span in spans:
        if span.kind is SpanKind.SAME:
            done += [*removed, *added, span]
            removed, added = [], []
        else:
            (removed if span.kind is SpanKind.REMOVED else added).append(span)
    return [*done, *removed, *added]
