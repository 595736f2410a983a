"""Moments as a writer says them: `yesterday`, `2 hours ago`, `monday 9am`, `2026-11-20 14:30`.

Whoever names a day, or another stretch of time, means how things stood when it ended: `yesterday`
is midnight, and a comparison with it shows what was written today. Of a stretch that has not ended,
it is now. `ago` counts back from now to the second. No date is guessed at: what can be read as two
days is refused. Libraries for this guess, which of the two days and at what time of it.
"""

from datetime import datetime, tzinfo
from re import compile as pattern
from typing import Final

from sakya_sync.errors import MomentAhead, MomentUnclear, MomentUnknown
from sakya_sync.history.datewords import WORDS, month_of, unit_of
from sakya_sync.history.spoken import Moment, MomentReader, described, passed

__all__ = ["Moment", "described", "parse_moment"]

EXPRESSION_LETTERS_MAX: Final = 100
EXAMPLES: Final = ("yesterday", "2 hours ago", "monday 9am", "2026-11-20", "2026-11-20 14:30")
REPAIR_MIN: Final = 65
"""How alike, in per cent, a word that is not known must be to one that is."""

_SILENT: Final = frozenset({"at", "on", "the", "of", "in", "and"})
_ISO = pattern(r"(\d{4}-\d\d-\d\d)[t ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?) ?(z|[+-]\d\d:?\d\d)")
_DATE_T = pattern(r"(?<=\d-\d\d)t(?=\d\d:)")
_PIECES = pattern(r"\d+(?:[-/.:]\d+)*|[a-z]+|\S")


def parse_moment(expression: str, now_ms: int, zone: tzinfo) -> Moment:
    """What stands in `@{...}`, or a bare date.

    Args:
        zone: where the writer is; what it tells of summer time is heeded.

    Raises: MomentUnclear, MomentUnknown, MomentAhead.
    """
    try:
        return _parse(expression, now_ms, zone)
    except (ValueError, OverflowError, IndexError):
        repaired = _repaired(expression, now_ms, zone)
        examples = ", ".join(dict.fromkeys((repaired, *EXAMPLES) if repaired else EXAMPLES))
        shown = expression.strip()[:EXPRESSION_LETTERS_MAX]
        raise MomentUnknown(expression=shown, examples=examples) from None


def _parse(expression: str, now_ms: int, zone: tzinfo) -> Moment:
    """Raises ValueError, OverflowError or IndexError for what is no moment."""
    said = " ".join(expression.lower().split())
    if len(said) > EXPRESSION_LETTERS_MAX:
        raise ValueError("too long")
    if iso := _ISO.fullmatch(said):
        at = datetime.fromisoformat(f"{iso[1]}T{iso[2]}{iso[3].upper()}")
        return passed(round(at.timestamp() * 1000), now_ms, at.tzinfo or zone)
    pieces = [
        word for word in _PIECES.findall(_DATE_T.sub(" ", said)) if word not in {*_SILENT, ","}
    ]
    reader = MomentReader(pieces, now_ms, zone)
    moment = reader.moment()
    if reader.pieces:
        raise ValueError("more than a moment")
    return moment


def _repaired(expression: str, now_ms: int, zone: tzinfo) -> str | None:
    """The same with each word that is not known made the nearest that is, if that is a moment."""
    from rapidfuzz.process import extractOne

    words = _PIECES.findall(" ".join(expression.lower().split())[:EXPRESSION_LETTERS_MAX])
    mended = []
    for word in words:
        known = word in WORDS or not word.isalpha() or unit_of(word) or month_of(word)
        found = None if known else extractOne(word, WORDS, score_cutoff=REPAIR_MIN)
        mended.append(found[0] if found else word)
    try:
        _parse(" ".join(mended), now_ms, zone)
    except (ValueError, OverflowError, IndexError, MomentUnclear, MomentAhead):
        return None
    return " ".join(mended)
