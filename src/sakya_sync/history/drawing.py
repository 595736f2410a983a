"""The page's chart of words over time: where everything is, in thousandths of its plot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sakya_sync.history.curve import Frame, Point, curve, frame, thinned, words_at
from sakya_sync.history.phrases import short_date
from sakya_sync.history.pins import Numbered, clustered
from sakya_sync.history.scales import date_marks, word_marks
from sakya_sync.history.timeline import Offsets, Pin, Timeline, local_time

SIDE: Final = 1000
COLUMNS: Final = 400
BANDS: Final = 120
APART: Final = 0.02
CROWD: Final = 20
APART_IN_A_CROWD: Final = 0.06
DATE_MARKS_MOST: Final = 9
WORD_MARKS_MOST: Final = 7


@dataclass(frozen=True, slots=True)
class Tick:
    """A label beside an axis, `at` in thousandths along it; `minor` where it may go on a phone."""

    at: int
    label: str
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """One or several snapshots in one place on the curve.

    `label`: its number, the first and the last of several or, where it is crowded, the last;
    nothing where all are automatic.
    """

    across: int
    up: int
    label: str
    pins: tuple[Numbered, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """One of BANDS equal parts of the plot's width: what the curve says in its middle."""

    up: int
    words: int
    date: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The chart: `line` and `area` are SVG paths in a square of SIDE by SIDE."""

    line: str
    area: str
    words: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    heads: tuple[Head, ...]
    bands: tuple[Band, ...]

    @property
    def places(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Every place that something other than the paths is at: across, and up."""
        across = {tick.at for tick in self.dates} | {head.across for head in self.heads}
        up = {tick.at for tick in self.words} | {head.up for head in self.heads}
        up |= {band.up for band in self.bands}
        return tuple(sorted(across)), tuple(sorted(up))


def drawing(timeline: Timeline) -> Drawing:
    """Lay the chart out."""
    points = curve(timeline)
    plain = frame(points, timeline.pins)
    marks = word_marks(plain.most, WORD_MARKS_MOST)
    around = Frame(plain.first_ms, plain.last_ms, marks[-1])
    line = path(points, around)
    return Drawing(
        line=line,
        area=f"{line}V{SIDE}H{_place(around.across(points[0].at_ms))}Z" if points else "",
        words=tuple(Tick(_place(around.up(mark)), f"{mark:,}") for mark in marks),
        dates=_dates(timeline, around),
        heads=_heads(timeline.pins, points, around),
        bands=_bands(timeline, points, around) if points else (),
    )


def path(points: Sequence[Point], around: Frame) -> str:
    """The curve as an SVG path in whole steps."""
    drawn: list[str] = []
    last = None
    for point in thinned(points, around, COLUMNS):
        spot = _place(around.across(point.at_ms)), SIDE - _place(around.up(point.words))
        if spot != last:
            drawn.append(f"{spot[0]} {spot[1]}")
        last = spot
    if last is None:
        return ""
    # After the last session nothing changes, up to the last snapshot.
    return "M" + "L".join(drawn) + (f"H{SIDE}" if last[0] < SIDE else "")


def _heads(pins: Sequence[Pin], points: Sequence[Point], around: Frame) -> tuple[Head, ...]:
    clusters = clustered(pins, around, APART)
    crowded = len(clusters) > CROWD
    if crowded:
        clusters = clustered(pins, around, APART_IN_A_CROWD)
    return tuple(
        Head(
            _place(cluster.across),
            _place(around.up(words_at(points, cluster.pins[-1].pin.at_ms))),
            _label(cluster.pins, crowded),
            cluster.pins,
        )
        for cluster in clusters
    )


def _label(of: Sequence[Numbered], crowded: bool) -> str:
    numbers = [pin.number for pin in of if pin.number is not None]
    if len(numbers) > 1 and not crowded:
        return f"{numbers[0]}\N{EN DASH}{numbers[-1]}"
    return str(numbers[-1]) if numbers else ""


def _dates(timeline: Timeline, around: Frame) -> tuple[Tick, ...]:
    offset_minutes = timeline.sessions[-1].utc_offset_minutes if timeline.sessions else 0
    first = local_time(around.first_ms, offset_minutes)
    last = local_time(around.last_ms, offset_minutes)

    if first == last:  # cut off at the end of all years
        return ()
    marks = date_marks(first, last, DATE_MARKS_MOST)
    # Every other one, and of the two choices that which keeps the years.
    kept = next((at % 2 for at, mark in enumerate(marks) if mark.label.isdigit()), 0)
    return tuple(
        Tick(_place((mark.at - first) / (last - first)), mark.label, at % 2 != kept)
        for at, mark in enumerate(marks)
    )


def _bands(timeline: Timeline, points: Sequence[Point], around: Frame) -> tuple[Band, ...]:
    offsets = Offsets.of(timeline)
    found = []
    for number in range(BANDS):
        span_ms = around.last_ms - around.first_ms
        at_ms = around.first_ms + span_ms * (2 * number + 1) // (2 * BANDS)
        words = words_at(points, at_ms)
        day = short_date(offsets.local(at_ms).date())
        found.append(Band(_place(around.up(words)), words, day))
    return tuple(found)


def _place(share: float) -> int:
    return round(share * SIDE)
