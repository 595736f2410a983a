"""Words by day, days in a row, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from sakya_sync.history.timeline import Session, Timeline, local_time


@dataclass(frozen=True, slots=True)
class Day:
    """What a day's sessions wrote, and the words in all at its end."""

    date: date
    sessions: int
    added: int
    removed: int
    total: int

    @property
    def wrote(self) -> bool:
        """Whether a word changed: cutting is writing, renaming a file is not."""
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class Streak:
    """Writing days in a row."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many, both ends counted."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Writer:
    """One author's part."""

    author: str
    sessions: int
    days: int
    added: int
    removed: int


def dates(timeline: Timeline) -> tuple[date, ...]:
    """The day on which each session began, where its device was."""
    return tuple(
        local_time(session.began_ms, session.utc_offset_minutes).date()
        for session in timeline.sessions
    )


def days(timeline: Timeline) -> tuple[Day, ...]:
    """Every day that has a session, oldest first."""
    by_date: dict[date, list[Session]] = {}
    for day, session in zip(dates(timeline), timeline.sessions, strict=True):
        by_date.setdefault(day, []).append(session)
    total = timeline.words
    found = []
    for day in sorted(by_date, reverse=True):
        added = sum(session.added for session in by_date[day])
        removed = sum(session.removed for session in by_date[day])
        found.append(Day(day, len(by_date[day]), added, removed, total))
        total -= added - removed
    return tuple(reversed(found))


def streaks(of: Sequence[Day]) -> tuple[Streak, ...]:
    """Runs of writing days without a day between them, oldest first."""
    written = [day.date.toordinal() for day in of if day.wrote]
    runs = groupby(enumerate(written), key=lambda numbered: numbered[1] - numbered[0])
    found = []
    for _, run in runs:
        ordinals = [ordinal for _, ordinal in run]
        found.append(Streak(date.fromordinal(ordinals[0]), date.fromordinal(ordinals[-1])))
    return tuple(found)


def longest(of: Sequence[Streak]) -> Streak | None:
    """The longest, and of equals the latest."""
    return max(of, key=lambda streak: (streak.days, streak.last), default=None)


def current(of: Sequence[Streak], today: date) -> Streak | None:
    """The one that is still going: today, or yesterday while today has not been written yet."""
    if of and today - of[-1].last <= timedelta(days=1):
        return of[-1]
    return None


def writers(timeline: Timeline) -> tuple[Writer, ...]:
    """Everybody who wrote, whoever added most first."""
    wrote: dict[str, list[tuple[date, Session]]] = {}
    for day, session in zip(dates(timeline), timeline.sessions, strict=True):
        wrote.setdefault(session.author, []).append((day, session))
    found = [
        Writer(
            author,
            sessions=len(part),
            days=len({day for day, session in part if session.added or session.removed}),
            added=sum(session.added for _, session in part),
            removed=sum(session.removed for _, session in part),
        )
        for author, part in wrote.items()
    ]
    return tuple(sorted(found, key=lambda writer: (-writer.added, writer.author)))
