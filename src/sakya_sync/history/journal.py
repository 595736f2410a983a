"""The list of sessions by month, newest first: in full as far as there is room, then in sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sakya_sync.history.days import dates
from sakya_sync.history.timeline import Session, Timeline


@dataclass(frozen=True, slots=True)
class Entry:
    """A session under the day it belongs to; `leads` where it is the first one shown of its day."""

    date: date
    leads: bool
    session: Session


@dataclass(frozen=True, slots=True)
class Month:
    """A month's sessions, newest first; `entries` holds the latest, as many as had room."""

    first: date
    sessions: int
    days: int
    added: int
    removed: int
    entries: tuple[Entry, ...]


def months(timeline: Timeline, *, room: int, files_most: int) -> tuple[Month, ...]:
    """Every month with a session, newest first.

    Args:
        room: lines to spend: one for each session, one for each of its files up to `files_most`.
    """
    by_month: dict[date, list[tuple[date, Session]]] = {}
    for day, session in zip(dates(timeline), timeline.sessions, strict=True):
        by_month.setdefault(day.replace(day=1), []).append((day, session))
    found = []
    for first in sorted(by_month, reverse=True):
        part = sorted(by_month[first], key=lambda dated: dated[0])[::-1]
        shown = []
        for day, session in part:
            room -= 1 + min(len(session.files), files_most)
            if room < 0:
                break
            shown.append((day, session))
        found.append(_month(first, part, shown))
    return tuple(found)


def _month(
    first: date, part: Sequence[tuple[date, Session]], shown: Sequence[tuple[date, Session]]
) -> Month:
    return Month(
        first,
        sessions=len(part),
        days=len({day for day, _ in part}),
        added=sum(session.added for _, session in part),
        removed=sum(session.removed for _, session in part),
        entries=tuple(
            Entry(day, index == 0 or shown[index - 1][0] != day, session)
            for index, (day, session) in enumerate(shown)
        ),
    )
