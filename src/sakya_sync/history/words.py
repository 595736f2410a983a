"""Words as a writer counts them, and the pieces that texts are compared by.

Counted are words and numbers; Chinese and Japanese, which put no spaces between words, count by
characters. Not counted are Markdown's own marks, link targets, comments and front matter.
"""

from bisect import bisect_left
from enum import StrEnum
from re import MULTILINE, VERBOSE, Match
from re import compile as pattern
from typing import Final


class Layout(StrEnum):
    """What the lines of a text mean."""

    PROSE = "prose"
    """Paragraphs between blank lines, with front matter above them or none."""
    DATA = "data"
    """Lines that each stand for themselves, as in YAML; none of their words count."""


_DATA_SUFFIXES: Final = (".yaml", ".yml", ".json", ".toml", ".csv", ".ini")

# Ideographs, kana and their marks of iteration.
_CJK: Final = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u3040-\u30fa\u30fc-\u30ff"
    r"\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_CJK_PUNCTUATION: Final = (
    r"\u3001-\u3004\u3008-\u3020\u3030\u303d\u30fb"
    r"\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
# What belongs to the character before it: accents, variation selectors.
_MARKS: Final = r"\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"

_FRONT_MATTER = pattern(
    r"\ufeff?---[ \t]*(?:\r\n|\r|\n)(?:.*(?:\r\n|\r|\n))*?(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)"
)
_NOT_WORDS = pattern(
    r"""
      <!--(?:(?!<!--)[\s\S])*?-->            # a comment
    | (?<=\])\([^()\s]*(?:\ "[^"\n]*")?\)     # where a link leads
    | ^[ \t]*\[[^\]\n]+\]:[^\n]*              # where links by name lead
    | \[\[[^\[\]|\n]*\|                       # what a link is about that shows other words
    | \[\^[^\[\]\s]*\]                        # a footnote's number
    | ^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t])?   # an item's bullet or number
    | ^[ \t]*(?:```|~~~)[^\n]*                # a fence around code
    | </?[A-Za-z][^<>:\n]*>                   # a tag
    | &\#?\w{1,31};                           # a character by its name
    """,
    MULTILINE | VERBOSE,
)
_ITEM = pattern(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]", MULTILINE)
_INNER: Final = rf"[^\s|.\-\u2013-\u2015\u2026{_CJK}{_CJK_PUNCTUATION}]"
_COUNTED = pattern(
    rf"[{_CJK}][{_MARKS}]*"
    # Unrolled, since looking ahead at every letter takes ten times as long.
    rf"|[^\W_]{_INNER}*+(?:(?:-(?!-)|\.(?!\.)){_INNER}*+)*+"
)

# All that is neither space nor punctuation stays together, so that no accent and no emoji is torn.
_LETTER: Final = (
    rf"[^\s!-/:-@\[-`{{-~\u00a1\u00a7\u00ab\u00b6\u00bb\u00bf"
    rf"\u2010-\u2027\u2030-\u205e\u060c\u061b\u061f\u06d4{_CJK}{_CJK_PUNCTUATION}]"
)
_TOKENS = pattern(
    rf"[{_CJK}][{_MARKS}]*"
    rf"|{_LETTER}++(?:['\u2019\u2010\u2011_-]{_LETTER}++)*+"
    rf"|\s+"
    rf"|[^\s][{_MARKS}\u200d]*"
)


def layout_of(path: str) -> Layout:
    """How the file of that name is read."""
    return Layout.DATA if path.lower().endswith(_DATA_SUFFIXES) else Layout.PROSE


def front_matter_length(text: str) -> int:
    """How many characters at its beginning are front matter, the lines around it included."""
    found = _FRONT_MATTER.match(text)
    return found.end() if found else 0


def count_words(text: str, layout: Layout = Layout.PROSE) -> int:
    """How many words a writer has written there."""
    return 0 if layout is Layout.DATA else len(_COUNTED.findall(_prose(text)))


def word_starts(text: str, layout: Layout = Layout.PROSE) -> list[int]:
    """Where each word that counts begins, in order."""
    if layout is Layout.DATA:
        return []
    return [found.start() for found in _COUNTED.finditer(_prose(text))]


def words_between(starts: list[int], begin: int, end: int) -> int:
    """How many of the words that `word_starts` found begin in that stretch of the text."""
    return bisect_left(starts, end) - bisect_left(starts, begin)


def _prose(text: str) -> str:
    """The text with spaces in place of all that holds no words."""
    begin = front_matter_length(text)
    body = text[begin:]
    if any(sign in body for sign in "<[&`~") or _ITEM.search(body):
        body = _NOT_WORDS.sub(_blank, body)
    return " " * begin + body


def _blank(found: Match[str]) -> str:
    return " " * len(found[0])


def tokens(text: str) -> list[str]:
    """The text in words, spaces and punctuation; joined, they are the text."""
    return _TOKENS.findall(text)


def is_word(token: str) -> bool:
    """Whether a token is more than space or punctuation."""
    return token.isalnum() or any(map(str.isalnum, token))
