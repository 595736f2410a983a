"""Words over time as a line: flat in the pauses, from before to after during a session."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sakya_sync.history.timeline import Pin, Timeline, totals

HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Point:
    """So many words in all at a moment."""

    at_ms: int
    words: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What a drawing spans: moments from left to right, words from 0 up."""

    first_ms: int
    last_ms: int
    most: int

    def across(self, at_ms: int) -> float:
        """0 at the left, 1 at the right; what lies outside is at the edge."""
        inside = min(max(at_ms, self.first_ms), self.last_ms)
        return (inside - self.first_ms) / (self.last_ms - self.first_ms)

    def up(self, words: int) -> float:
        """0 at the bottom, 1 at the top."""
        return min(max(words, 0), self.most) / self.most


def curve(timeline: Timeline) -> tuple[Point, ...]:
    """Two points a session, left to right; none without a session."""
    points: list[Point] = []
    latest_ms: int | None = None
    for session, total in zip(timeline.sessions, totals(timeline), strict=True):
        # Two may write at once: who began later goes on where the other is drawn to have ended.
        began_ms = session.began_ms if latest_ms is None else max(latest_ms, session.began_ms)
        latest_ms = max(began_ms, session.ended_ms)
        points.append(Point(began_ms, total - session.added + session.removed))
        points.append(Point(latest_ms, total))
    return tuple(points)


def frame(points: Sequence[Point], pins: Sequence[Pin]) -> Frame:
    """Room for all of them; at least an hour and a word."""
    moments = [point.at_ms for point in points] + [pin.at_ms for pin in pins]
    first, last = min(moments, default=0), max(moments, default=0)
    if last - first < HOUR_MS:
        first, last = first - HOUR_MS, last + HOUR_MS
    return Frame(first, last, max([1, *(point.words for point in points)]))


def thinned(points: Sequence[Point], frame: Frame, columns: int) -> tuple[Point, ...]:
    """The same line to the eye: of each column its first, lowest, highest and last point."""
    by_column: dict[int, list[int]] = {}
    for index, point in enumerate(points):
        by_column.setdefault(int(frame.across(point.at_ms) * columns), []).append(index)
    kept: list[int] = []
    for indices in by_column.values():
        low = min(indices, key=lambda index: points[index].words)
        high = max(indices, key=lambda index: points[index].words)
        kept += sorted({indices[0], low, high, indices[-1]})
    return tuple(points[index] for index in kept)


def words_at(points: Sequence[Point], at_ms: int) -> int:
    """The line's height at a moment: before the first point that of the first; 0 without any."""
    after = bisect_right(points, at_ms, key=lambda point: point.at_ms)
    if not points or after == 0:
        return points[0].words if points else 0
    left = points[after - 1]
    if after == len(points):
        return left.words
    right = points[after]
    rise = (right.words - left.words) * (at_ms - left.at_ms)
    return left.words + rise // (right.at_ms - left.at_ms)
