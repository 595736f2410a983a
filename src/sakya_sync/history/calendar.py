"""A year of writing days, week by week, each as large as what was added on it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sakya_sync.history.days import Day, longest, streaks

LEVELS: Final = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A writing day's place: `week` counts from 0, `weekday` from 0 for Monday.

    `level` is 1 to LEVELS, by words added.
    """

    week: int
    weekday: int
    level: int
    day: Day


@dataclass(frozen=True, slots=True)
class Year:
    """A year's writing days, and what they add up to."""

    year: int
    cells: tuple[Cell, ...]
    added: int
    removed: int
    longest_streak_days: int


def week(day: date) -> int:
    """The row of seven that a day is in, counted in its year from 0."""
    new_year = date(day.year, 1, 1)
    return (day.toordinal() - new_year.toordinal() + new_year.weekday()) // 7


def years(of: Sequence[Day]) -> tuple[Year, ...]:
    """Every year with a writing day, newest first."""
    written = [day for day in of if day.wrote]
    steps = thresholds(written)
    by_year: dict[int, list[Day]] = {}
    for day in written:
        by_year.setdefault(day.date.year, []).append(day)
    return tuple(_year(year, by_year[year], steps) for year in sorted(by_year, reverse=True))


def thresholds(of: Sequence[Day]) -> tuple[int, ...]:
    """The words from which a day is of level 2, 3 and so on: as many days in each as can be."""
    added = sorted(day.added for day in of if day.added)
    if not added:
        return ()
    return tuple(added[len(added) * part // LEVELS] for part in range(1, LEVELS))


def _year(year: int, of: Sequence[Day], steps: Sequence[int]) -> Year:
    cells = tuple(
        Cell(week(day.date), day.date.weekday(), 1 + bisect_right(steps, day.added), day)
        for day in of
    )
    best = longest(streaks(of))
    return Year(
        year,
        cells,
        added=sum(day.added for day in of),
        removed=sum(day.removed for day in of),
        longest_streak_days=best.days if best else 0,
    )
