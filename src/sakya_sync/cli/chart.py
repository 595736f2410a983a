"""Words over time on a terminal: a line of braille dots or, where there are none, of ASCII."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sakya_sync.history.curve import Frame, curve, frame
from sakya_sync.history.drawing import numbered
from sakya_sync.history.scales import word_marks
from sakya_sync.history.timeline import Timeline

ROWS: Final = 10
WIDTH_LEAST: Final = 30
WIDTH_MOST: Final = 120
LABEL_WIDTH: Final = 12
SNAPSHOTS_MOST: Final = 12

DOTS_DOWN: Final = 4
DOTS_ACROSS: Final = 2
_BRAILLE: Final = 0x2800
# The bit of each dot in a cell, from the bottom up, left column then right.
_BITS: Final = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
_ASCII_LEVELS: Final = "_.-'"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What the axes are made of."""

    side: str
    tick: str
    corner: str
    floor: str
    mark: str
    snapshot: str
    ellipsis: str


BOX: Final = Glyphs("│", "┤", "└", "─", "┬", "◆", "…")
ASCII: Final = Glyphs("|", "+", "+", "-", "+", "*", "...")


def chart_here(timeline: Timeline, environment: Mapping[str, str] = os.environ) -> str:
    """The chart for the terminal that standard output is: its width, letters and colours."""
    return chart(
        timeline,
        width=shutil.get_terminal_size().columns,
        unicode=can_write("⣿└◆", sys.stdout.encoding),
        colour=sys.stdout.isatty() and not environment.get("NO_COLOR"),
    )


def can_write(text: str, encoding: str | None) -> bool:
    """Whether a terminal of that encoding can be sent the text."""
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def chart(timeline: Timeline, *, width: int, unicode: bool, colour: bool) -> str:
    """Lines no wider than `width` cells, if that is 30 or more; without an end of line.

    A number on the curve is a snapshot, named below; `colour` adds escape sequences.
    """
    glyphs = BOX if unicode else ASCII
    points = curve(timeline)
    if not points:
        return "Nothing has been written yet."
    width = min(max(width, WIDTH_LEAST), WIDTH_MOST)
    plain = frame(points, timeline.pins)
    marks = word_marks(plain.most, ROWS // 2)
    around = Frame(plain.first_ms, plain.last_ms, marks[-1])
    gutter = max(len(f"{mark:,}") for mark in marks) + 1
    columns = width - gutter - 1
    ink = Ink(colour)
    rows = _drawn(points, around, columns, unicode, ink)
    _pinned(rows, numbered(timeline.pins), points, around, glyphs, ink)
    labels = {_row(around.up(mark)): f"{mark:,}" for mark in marks}
    lines = [
        ink.faint(
            f"{labels.get(at, ''):>{gutter - 1}} " + (glyphs.tick if at in labels else glyphs.side)
        )
        + "".join(row)
        for at, row in reversed(list(enumerate(rows)))
    ]
    lines += [ink.faint(line) for line in _floor(timeline, around, gutter, columns, glyphs)]
    return "\n".join([*lines, *_legend(timeline, width, unicode, glyphs, ink)])
