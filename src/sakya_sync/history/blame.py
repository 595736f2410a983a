"""Who wrote each paragraph, and when it was last changed."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sakya_sync.history.paragraphs import Paragraph, Part, paragraphs
from sakya_sync.history.words import Layout, word_starts


class AuthoredRun(NamedTuple):
    """A stretch of a text that one author wrote at one time."""

    author: str
    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a paragraph one author wrote, of what is left of it today."""

    author: str
    words: int
    part: float
    """From 0 to 1; of all the paragraph's authors together 1."""
    last_ms: int


@dataclass(frozen=True, slots=True)
class Blamed:
    """One paragraph, or the whole front matter.

    Args:
        part, number: as a comparison numbers paragraphs; front matter is number 1.
        line: where it begins, counted from 1.
        shares: the largest first, of one size the later first.
    """

    part: Part
    number: int
    line: int
    text: str
    shares: tuple[Share, ...]

    @property
    def author(self) -> str:
        """Who wrote most of it."""
        return self.shares[0].author

    @property
    def last(self) -> Share:
        """Whose was the last change that is still there."""
        return max(self.shares, key=lambda share: share.last_ms)

    @property
    def at_ms(self) -> int:
        """When that was."""
        return self.last.last_ms

    @property
    def words(self) -> int:
        """As a writer counts them."""
        return sum(share.words for share in self.shares)


def blame(runs: Sequence[tuple[str, int, str]], layout: Layout = Layout.PROSE) -> list[Blamed]:
    """Each paragraph of the text that the runs are together; a file of data has its lines.

    A word is its author's who wrote its first letter. Where no word counts, as in front matter,
    letters do.

    Args:
        runs: each as an AuthoredRun or a like tuple.
    """
    authors = _Authors([AuthoredRun(*run) for run in runs])
    text = authors.text
    words = word_starts(text, layout)
    blamed: list[Blamed] = []
    line = 1
    for found in _together(paragraphs(text, layout), layout):
        start, number = found[0].start, max(1, found[0].number)
        whole = "".join(paragraph.text for paragraph in found)
        shown = whole[: len(whole) - len(found[-1].gap)]
        if shown.strip():
            shares = authors.shares(start, shown, words)
            blamed.append(Blamed(found[0].part, number, line, shown, shares))
        line += _line_breaks(whole)
    return blamed


class _Authors:
    def __init__(self, runs: Sequence[AuthoredRun]) -> None:
        self._runs = [run for run in runs if run.text]
        self.text = "".join(run.text for run in self._runs)
        self._starts: list[int] = []
        at = 0
        for run in self._runs:
            self._starts.append(at)
            at += len(run.text)

    def shares(self, start: int, text: str, words: Sequence[int]) -> tuple[Share, ...]:
        """Of the text that stands at `start`, which is not empty."""
        counted: Counter[str] = Counter()
        letters: Counter[str] = Counter()
        last: dict[str, int] = {}
        end = start + len(text)
        first_word = bisect_right(words, start - 1)
        here = words[first_word : bisect_right(words, end - 1)]
        for at in here:
            counted[self._run_at(at).author] += 1
        index = bisect_right(self._starts, start) - 1
        while index < len(self._runs) and self._starts[index] < end:
            run, begin = self._runs[index], self._starts[index]
            part = text[max(0, begin - start) : begin + len(run.text) - start]
            letters[run.author] += len("".join(part.split()))
            last[run.author] = max(last.get(run.author, run.at_ms), run.at_ms)
            index += 1
        measure = counted if here else letters
        total = sum(measure.values())
        shares = [
            Share(author, counted[author], measure[author] / total, last[author]) for author in last
        ]
        return tuple(
            sorted(shares, key=lambda s: (-s.part, -letters[s.author], -s.last_ms, s.author))
        )

    def _run_at(self, at: int) -> AuthoredRun:
        return self._runs[bisect_right(self._starts, at) - 1]


def _together(found: Sequence[Paragraph], layout: Layout) -> Iterator[list[Paragraph]]:
    """Front matter as one."""
    matter = [one for one in found if one.part is Part.MATTER] if layout is Layout.PROSE else []
    if matter:
        yield matter
    for paragraph in found[len(matter) :]:
        yield [paragraph]


def _line_breaks(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
