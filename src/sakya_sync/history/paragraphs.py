"""A text in paragraphs: what stands between blank lines, and front matter line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from re import compile as pattern

from sakya_sync.history.words import Layout, front_matter_length


class Part(StrEnum):
    """Where in a file a paragraph stands."""

    MATTER = "matter"
    """Front matter, or a file of data: its paragraphs are lines."""
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One of the pieces that, joined, are the text.

    Args:
        number: counted from 1 within its part; 0 for blank lines before all of them.
        start: where it begins, in characters from the beginning of the text.
        gap: the line breaks and blank lines after it.
    """

    part: Part
    number: int
    start: int
    body: str
    gap: str

    @property
    def text(self) -> str:
        """With what separates it from the next."""
        return self.body + self.gap


# A line break alone ends no paragraph; one with blank lines after it does.
_BLANK = pattern(r"(?>\r\n|\r|\n)(?:[^\S\r\n]*+(?>\r\n|\r|\n))+(?:[^\S\r\n]*+\Z)?")
_LEADING = pattern(r"(?:[^\S\r\n]*+(?>\r\n|\r|\n))*+(?:[^\S\r\n]*+\Z)?")
_LINE = pattern(r"([^\r\n]*+)((?>\r\n|\r|\n)|\Z)")
_LAST_BREAK = pattern(r"(?>\r\n|\r|\n)[^\S\r\n]*+\Z")


def paragraphs(text: str, layout: Layout = Layout.PROSE) -> list[Paragraph]:
    """All of the text; joined, the paragraphs' texts are the text again."""
    matter = len(text) if layout is Layout.DATA else front_matter_length(text)
    return [*_lines(text, matter), *_body(text, matter)]


def _lines(text: str, end: int) -> Iterator[Paragraph]:
    position = 0
    number = 0
    while position < end:
        found = _LINE.match(text, position, end)
        assert found is not None
        number += 1
        yield Paragraph(Part.MATTER, number, position, found[1], found[2])
        position = found.end()


def _body(text: str, start: int) -> Iterator[Paragraph]:
    leading = _LEADING.match(text, start)
    assert leading is not None
    if leading[0]:
        yield Paragraph(Part.BODY, 0, start, "", leading[0])
    position = leading.end()
    number = 0
    for blank in _BLANK.finditer(text, position):
        number += 1
        yield Paragraph(Part.BODY, number, position, text[position : blank.start()], blank[0])
        position = blank.end()
    if position < len(text):
        rest = text[position:]
        last = _LAST_BREAK.search(rest)
        cut = last.start() if last else len(rest)
        yield Paragraph(Part.BODY, number + 1, position, rest[:cut], rest[cut:])
