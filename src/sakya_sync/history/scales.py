"""Where an axis has its marks: round numbers of words, and the beginnings of months or days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sakya_sync.history.phrases import MONTHS, clock

_HOURS: Final = (1, 2, 3, 6, 12)
_DAYS: Final = (1, 2, 7, 14)
_MONTHS: Final = (1, 2, 3, 6)
_YEARS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the axis and what to write there."""

    at: datetime
    label: str


def word_marks(most: int, at_most: int) -> tuple[int, ...]:
    """Round numbers from 0 up to the first that is not below `most`; 2 to `at_most` of them.

    `at_most` is at least 2.
    """
    step = 1
    while True:
        for round_step in (step, 2 * step, 5 * step):
            steps = max(1, -(-most // round_step))
            if steps + 1 <= at_most:
                return tuple(range(0, (steps + 1) * round_step, round_step))
        step *= 10


def date_marks(first: datetime, last: datetime, at_most: int) -> tuple[Mark, ...]:
    """Round moments from `first` to `last`, at most that many, of the finest kind that fits."""
    for kind, steps in ((_hours, _HOURS), (_days, _DAYS), (_months, _MONTHS), (_years, _YEARS)):
        for step in steps:
            found: list[Mark] = []
            for mark in kind(first, step):
                if mark.at > last or len(found) > at_most:
                    break
                if mark.at >= first:
                    found.append(mark)
            if len(found) <= at_most:
                return _with_a_year(found)
    return ()


def _with_a_year(found: list[Mark]) -> tuple[Mark, ...]:
    """The first mark says which year it is, so that those after it need not."""
    if found and found[0].label[-1].isalpha():
        first = found[0]
        found[0] = Mark(first.at, f"{first.label} {first.at.year}")
    return tuple(found)


def _hours(first: datetime, step: int) -> Iterator[Mark]:
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    for at in _every(midnight, timedelta(hours=step)):
        yield Mark(at, clock(at) if at.hour else _day(at))


def _days(first: datetime, step: int) -> Iterator[Mark]:
    """Counted so that weeks begin on Mondays, and a mark stays a mark as time goes on."""
    ordinal = (first.toordinal() - 1) // step * step + 1
    for at in _every(datetime.fromordinal(ordinal), timedelta(days=step)):
        yield Mark(at, _day(at))


def _months(first: datetime, step: int) -> Iterator[Mark]:
    for year in range(first.year, datetime.max.year + 1):
        for month in range(1, 13, step):
            name = MONTHS[month - 1][:3]
            yield Mark(datetime(year, month, 1), str(year) if month == 1 else name)


def _years(first: datetime, step: int) -> Iterator[Mark]:
    for year in range(max(1, first.year // step * step), datetime.max.year + 1, step):
        yield Mark(datetime(year, 1, 1), str(year))


def _every(at: datetime, step: timedelta) -> Iterator[datetime]:
    while True:
        yield at
        if at > datetime.max - step:
            return
        at += step


def _day(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1][:3]}"
