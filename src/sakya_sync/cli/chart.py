"""Words over time on a terminal, in eighths of a block or, where there are none, in ASCII."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import click
from rich.cells import cell_len, set_cell_size

from sakya_sync.history.curve import Frame, Point, curve, frame, words_at
from sakya_sync.history.phrases import clean, counted, short_date
from sakya_sync.history.pins import Numbered, numbered
from sakya_sync.history.scales import date_marks, word_marks
from sakya_sync.history.timeline import Offsets, Timeline, local_time

ROWS: Final = 13
WIDTH_LEAST: Final = 30
WIDTH_MOST: Final = 120
DATE_WIDTH: Final = 11
WIDTH_FOR_WORDS: Final = 50
SNAPSHOTS_MOST: Final = 15


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What the chart is made of; `blocks` from the lowest to the full one."""

    blocks: str
    side: str
    tick: str
    corner: str
    floor: str
    mark: str
    automatic: str
    ellipsis: str


BOX: Final = Glyphs("▁▂▃▄▅▆▇█", "│", "┤", "└", "─", "┬", "◇", "…")
ASCII: Final = Glyphs(".:", "|", "+", "+", "-", "+", "o", "~")


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours, or none."""

    colour: bool

    def area(self, text: str) -> str:
        """What is under the curve."""
        return self._styled(text, fg="green", dim=True)

    def pin(self, text: str) -> str:
        """A snapshot."""
        return self._styled(text, fg="yellow", bold=True)

    def faint(self, text: str) -> str:
        """Axes, and what is less important."""
        return self._styled(text, dim=True)

    def _styled(
        self, text: str, fg: str | None = None, bold: bool = False, dim: bool = False
    ) -> str:
        if not self.colour or not text.strip():
            return text
        return click.style(text, fg=fg, bold=bold or None, dim=dim or None)


def chart_here(timeline: Timeline, environment: Mapping[str, str] = os.environ) -> str:
    """The chart for the terminal that standard output is: its width, letters and colours."""
    return chart(
        timeline,
        width=shutil.get_terminal_size().columns,
        unicode=can_write("▁█└◇…", sys.stdout.encoding),
        colour=wants_colour(environment, terminal=sys.stdout.isatty()),
    )


def wants_colour(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to send colours: to a terminal, unless NO_COLOR says anything (no-color.org)."""
    return terminal and not environment.get("NO_COLOR")


def can_write(text: str, encoding: str | None) -> bool:
    """Whether a terminal of that encoding can be sent the text."""
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def chart(timeline: Timeline, *, width: int, unicode: bool, colour: bool) -> str:
    """Lines of at most `width` cells, if that is 30 or more.

    A number above the curve is a snapshot, named below. `colour` adds escape sequences.
    """
    points = curve(timeline)
    if not points:
        return "Nothing has been written yet."
    glyphs, ink = (BOX if unicode else ASCII), Ink(colour)
    width = min(max(width, WIDTH_LEAST), WIDTH_MOST)
    pins = numbered(timeline.pins)
    plain = frame(points, timeline.pins)
    marks = word_marks(plain.most, ROWS // 2 + 1)
    around = Frame(plain.first_ms, plain.last_ms, marks[-1])
    gutter = len(f"{marks[-1]:,}")
    rows = _drawn(points, around, width - gutter - 2, glyphs.blocks)
    pinned = _pin(rows, pins, around, glyphs.automatic)
    labels = {round(around.up(mark) * (ROWS - 1)): f"{mark:,}" for mark in marks}
    lines = []
    for at in reversed(range(ROWS)):
        side = glyphs.tick if at in labels else glyphs.side
        front = ink.faint(f"{labels.get(at, ''):>{gutter}} {side}")
        lines.append(front + _inked(rows[at], pinned[at], ink))
    axis, dates = _floor(timeline, around, gutter + 2, width - gutter - 2, glyphs)
    lines.append(ink.faint(f"{'':>{gutter}} {glyphs.corner}{axis}"))
    lines.append(ink.faint(dates.rstrip()))
    lines += _legend(timeline, pins, width, glyphs, ink)
    return "\n".join(line.rstrip() for line in lines)


def _drawn(points: Sequence[Point], around: Frame, columns: int, blocks: str) -> list[list[str]]:
    """The area under the curve, by rows from the bottom up; the top row is left for snapshots."""
    steps = len(blocks)
    rows = [[" "] * columns for _ in range(ROWS)]
    span_ms = around.last_ms - around.first_ms
    for column in range(columns):
        at_ms = around.first_ms + span_ms * (2 * column + 1) // (2 * columns)
        share = around.up(words_at(points, at_ms))
        full, rest = divmod(round(share * (ROWS - 1) * steps), steps)
        for row in range(full):
            rows[row][column] = blocks[-1]
        if rest:
            rows[full][column] = blocks[rest - 1]
    return rows


def _pin(
    rows: list[list[str]], pins: Sequence[Numbered], around: Frame, automatic: str
) -> list[list[bool]]:
    """Put each snapshot on top of the area, unless another is there already.

    Returns: for each cell whether a snapshot is there.
    """
    columns = len(rows[0])
    pinned = [[False] * columns for _ in rows]
    # Those that a person named go first.
    for shown in sorted(pins, key=lambda shown: shown.number is None):
        label = automatic if shown.number is None else str(shown.number)
        left = min(int(around.across(shown.pin.at_ms) * columns), columns - len(label))
        own = slice(left, left + len(label))
        around_it = slice(max(0, left - 1), left + len(label) + 1)
        if any(any(row[around_it]) for row in pinned):
            continue
        top = max((at for at, row in enumerate(rows) if any(map(str.strip, row[own]))), default=-1)
        rows[top + 1][own] = label
        pinned[top + 1][own] = [True] * len(label)
    return pinned


def _inked(row: Sequence[str], pinned: Sequence[bool], ink: Ink) -> str:
    end = len("".join(row).rstrip())
    cells = zip(row[:end], pinned[:end], strict=True)
    return "".join(
        (ink.pin if pin else ink.area)("".join(cell for cell, _ in part))
        for pin, part in groupby(cells, key=lambda cell: cell[1])
    )


def _floor(
    timeline: Timeline, around: Frame, left: int, columns: int, glyphs: Glyphs
) -> tuple[str, str]:
    """The axis of time, and the dates under it."""
    offset_minutes = timeline.sessions[-1].utc_offset_minutes
    first = local_time(around.first_ms, offset_minutes)
    last = local_time(around.last_ms, offset_minutes)
    axis = [glyphs.floor] * columns
    dates = [" "] * (left + columns)
    free = 0
    for mark in date_marks(first, last, max(1, columns // DATE_WIDTH)) if first < last else ():
        column = min(int((mark.at - first) / (last - first) * columns), columns - 1)
        axis[column] = glyphs.mark
        begin = min(max(0, left + column - len(mark.label) // 2), len(dates) - len(mark.label))
        if begin >= free:
            free = begin + len(mark.label) + 1
            dates[begin : free - 1] = mark.label
    return "".join(axis), "".join(dates)


def _legend(
    timeline: Timeline, pins: Sequence[Numbered], width: int, glyphs: Glyphs, ink: Ink
) -> list[str]:
    """The snapshots that a person named, the latest if there are many, and what else was kept."""
    named = [shown for shown in pins if shown.number is not None]
    shown_last = named[-SNAPSHOTS_MOST:]
    offsets = Offsets.of(timeline)
    lines = []
    for shown in shown_last:
        number = f"{shown.number:>{len(str(shown_last[-1].number)) + 1}}"
        facts = f"  {short_date(offsets.local(shown.pin.at_ms).date()):>11}  "
        if width >= WIDTH_FOR_WORDS:
            facts += f"{shown.pin.words:>9,}  "
        name = _fitted(shown.pin.name, width - len(number) - len(facts), glyphs)
        lines.append(ink.pin(number) + ink.faint(facts) + name)
    more = []
    if len(named) > len(shown_last):
        more.append(counted(len(named) - len(shown_last), "earlier snapshot"))
    if len(pins) > len(named):
        more.append(f"{glyphs.automatic} {len(pins) - len(named):,} automatic")
    if more:
        lines.append(ink.faint(" " + ", ".join(more)))
    return ["", *lines] if lines else []


def _fitted(name: str, room: int, glyphs: Glyphs) -> str:
    shown = clean(name)
    if glyphs is ASCII:
        shown = shown.encode("ascii", "replace").decode()
    if cell_len(shown) <= room:
        return shown
    return set_cell_size(shown, room - len(glyphs.ellipsis)).rstrip() + glyphs.ellipsis
