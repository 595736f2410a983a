from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from history.samples import many, timelines
from sakya_sync.history.curve import Point, curve, frame, thinned, words_at
from sakya_sync.history.timeline import Did, FileWork, Session, Timeline, totals


@given(timelines)
def test_the_curve_goes_right_and_passes_every_total(timeline: Timeline) -> None:
    points = curve(timeline)
    assert all(before.at_ms <= after.at_ms for before, after in pairwise(points))
    assert tuple(point.words for point in points[1::2]) == totals(timeline)


def test_a_pause_is_flat() -> None:
    wrote = FileWork("a.md", 100, 0, Did.CHANGED)
    first = Session("Ada", 0, 10, 0, (wrote,))
    second = Session("Ada", 500, 510, 0, (wrote,))
    points = curve(Timeline("p", (first, second), (), (), 200))
    assert points == (Point(0, 0), Point(10, 100), Point(500, 100), Point(510, 200))
    heights = [words_at(points, at_ms) for at_ms in (-5, 0, 5, 10, 300, 505, 510, 9999)]
    assert heights == [0, 0, 50, 100, 100, 150, 200, 200]
    assert words_at((), 5) == 0


@given(timelines, st.integers(), st.integers())
def test_everything_lies_within_the_frame(timeline: Timeline, at_ms: int, words: int) -> None:
    points = curve(timeline)
    around = frame(points, timeline.pins)
    assert 0 <= around.across(at_ms) <= 1
    assert 0 <= around.up(words) <= 1
    for moment in [point.at_ms for point in points] + [pin.at_ms for pin in timeline.pins]:
        assert around.first_ms <= moment <= around.last_ms
    assert all(point.words <= around.most for point in points)


@given(timelines, st.integers(1, 9))
def test_a_thinned_line_keeps_its_ends_and_its_extremes(timeline: Timeline, columns: int) -> None:
    points = curve(timeline)
    kept = thinned(points, frame(points, ()), columns)
    assert len(kept) <= 4 * (columns + 1)
    assert set(kept) <= set(points)
    if points:
        assert (kept[0], kept[-1]) == (points[0], points[-1])
        for extreme in (min, max):
            assert extreme(point.words for point in kept) == extreme(
                point.words for point in points
            )


def test_a_long_history_makes_a_short_line() -> None:
    points = curve(many())
    assert len(points) == 40_000
    assert len(thinned(points, frame(points, ()), 300)) <= 1204


def test_who_writes_at_the_same_time_is_drawn_one_after_the_other() -> None:
    wrote = (FileWork("a.md", 100, 0, Did.CHANGED),)
    both = (Session("Ada", 0, 100, 0, wrote), Session("Bo", 50, 120, 0, wrote))
    points = curve(Timeline("p", both, (), (), 200))
    assert points == (Point(0, 0), Point(100, 100), Point(100, 100), Point(120, 200))
