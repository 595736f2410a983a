"""A project's history as one HTML page that needs nothing beside it: no script, no network.

Everything that a person named is escaped, kept on its line and within its direction of writing; the
page's Content-Security-Policy allows its one style sheet and nothing else. Positions are classes of
that style sheet, because style attributes would need a policy that allows more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sakya_sync.history import phrases
from sakya_sync.history.calendar import years
from sakya_sync.history.days import days, longest, streaks, writers
from sakya_sync.history.drawing import Drawing, drawing
from sakya_sync.history.journal import Entry, months
from sakya_sync.history.paper import paper, sheet_hash
from sakya_sync.history.pins import numbered
from sakya_sync.history.timeline import Chapter, Offsets, Timeline, local_time

if TYPE_CHECKING:
    from jinja2 import Environment

NAME_MOST: Final = 120
MESSAGE_MOST: Final = 280
LINES_MOST: Final = 6_000
FILES_MOST: Final = 6
MONTHS_MOST: Final = 400
YEARS_MOST: Final = 12
PINS_MOST: Final = 300
TIP_PINS_MOST: Final = 4
WRITERS_MOST: Final = 20
CHAPTERS_IN_A_PART: Final = 50


@dataclass(frozen=True, slots=True)
class Part:
    """Some chapters in a row, the first of them number `start`."""

    start: int
    chapters: tuple[Chapter, ...]

    @property
    def words(self) -> int:
        """Of all of them."""
        return sum(chapter.words for chapter in self.chapters)

    @property
    def target_words(self) -> int | None:
        """Of those that have a target; None where none has."""
        targets = [chapter.target_words for chapter in self.chapters]
        return sum(target or 0 for target in targets) or None


def page(timeline: Timeline) -> str:
    """The whole page; about 3 MB at most, however long the history is.

    What there is too much of is summed up: the oldest sessions by month, chapters by fifty.
    """
    chart = drawing(timeline)
    by_day = days(timeline)
    offsets = Offsets.of(timeline)
    environment = _environment()
    sheet = environment.get_template("page.css").render(places=chart.places)
    by_month = months(timeline, room=LINES_MOST, files_most=FILES_MOST)
    return environment.get_template("page.html").render(
        timeline=timeline,
        sheet=sheet,
        sheet_hash=sheet_hash(sheet),
        chart=chart,
        chart_sentence=_chart_sentence(timeline, chart),
        added=sum(day.added for day in by_day),
        removed=sum(day.removed for day in by_day),
        days=by_day,
        written_days=sum(day.wrote for day in by_day),
        streak=longest(streaks(by_day)),
        years=years(by_day),
        writers=writers(timeline),
        parts=_parts(timeline.chapters),
        chapter_words=sum(chapter.words for chapter in timeline.chapters),
        target_words=sum(chapter.target_words or 0 for chapter in timeline.chapters),
        pins=tuple(reversed(numbered(timeline.pins))),
        months=by_month,
        listed={entry.date for month in by_month for entry in month.entries},
        local=lambda pin: offsets.local(pin.at_ms),
    )


def _parts(chapters: tuple[Chapter, ...]) -> tuple[Part, ...]:
    starts = range(0, len(chapters), CHAPTERS_IN_A_PART)
    return tuple(Part(at + 1, chapters[at : at + CHAPTERS_IN_A_PART]) for at in starts)


def _chart_sentence(timeline: Timeline, chart: Drawing) -> str:
    """What somebody who cannot see the chart should know of it."""
    if not chart.bands:
        return "Words over time."
    first, last = chart.bands[0], chart.bands[-1]
    snapshots = phrases.counted(len(timeline.pins), "snapshot")
    return (
        f"Words over time: from {first.words:,} on {first.date} to {last.words:,} "
        f"on {last.date}, with {snapshots}."
    )


def _environment() -> Environment:
    environment = paper(phrases.clean)
    environment.filters |= {
        "counted": phrases.counted,
        "noun": phrases.noun,
        "full_date": phrases.full_date,
        "short_date": phrases.short_date,
        "month": phrases.month,
        "clock": phrases.clock,
        "name": lambda text: phrases.shortened(text, NAME_MOST),
        "message": lambda text: phrases.shortened(text, MESSAGE_MOST),
    }
    environment.globals |= {
        "began": lambda entry: _wall(entry, entry.session.began_ms),
        "ended": lambda entry: _wall(entry, entry.session.ended_ms),
        "offset": phrases.offset,
        "clock_note": _clock_note,
        "weekdays": tuple(day[:3] for day in phrases.WEEKDAYS),
        "month_names": tuple(month[:3] for month in phrases.MONTHS),
        "percent": _percent,
        "FILES_MOST": FILES_MOST,
        "MONTHS_MOST": MONTHS_MOST,
        "YEARS_MOST": YEARS_MOST,
        "PINS_MOST": PINS_MOST,
        "TIP_PINS_MOST": TIP_PINS_MOST,
        "WRITERS_MOST": WRITERS_MOST,
    }
    return environment


def _wall(entry: Entry, at_ms: int) -> datetime:
    return local_time(at_ms, entry.session.utc_offset_minutes)


def _clock_note(entry: Entry) -> str:
    """How the device's clock was off, where it was by a minute or more."""
    behind = entry.session.clock_behind_seconds
    if abs(behind) < 60:
        return ""
    return f"its clock was {phrases.span(abs(behind))} {'behind' if behind > 0 else 'ahead'}"


def _percent(part: int, whole: int) -> int:
    """Rounded down, so that only what is whole is 100."""
    return part * 100 // whole if whole else 0
