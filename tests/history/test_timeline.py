from datetime import datetime
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from history.samples import sessions, timelines
from sakya_sync.history.timeline import (
    Did,
    FileWork,
    Session,
    Timeline,
    local_time,
    placed,
    totals,
)


def at(*begins: int) -> list[Session]:
    return [Session("Ada", began, began + 1, 0, ()) for began in begins]


@given(timelines)
def test_totals_end_with_the_words_of_now_and_step_by_each_session(timeline: Timeline) -> None:
    found = totals(timeline)
    assert len(found) == len(timeline.sessions)
    assert found == () or found[-1] == timeline.words
    steps = [after - before for before, after in pairwise(found)]
    assert steps == [session.added - session.removed for session in timeline.sessions[1:]]


def test_a_session_adds_up_its_files() -> None:
    files = (FileWork("a.md", 5, 2, Did.CHANGED), FileWork("b.md", 7, 0, Did.CREATED))
    session = Session("Ada", 0, 1, 0, files)
    assert (session.added, session.removed) == (12, 2)


@given(st.lists(sessions, max_size=9))
def test_placed_times_never_fall_and_every_one_is_a_time_some_clock_said(
    of: list[Session],
) -> None:
    found = placed(of)
    assert all(before <= after for before, after in pairwise(found))
    assert set(found) <= {session.began_ms for session in of}


@given(st.lists(st.integers(0, 9), max_size=8))
def test_as_few_times_as_possible_are_moved(begins: list[int]) -> None:
    moved = sum(was != now for was, now in zip(begins, placed(at(*begins)), strict=True))
    most_in_order = max(
        size
        for size in range(len(begins) + 1)
        if any(list(kept) == sorted(kept) for kept in combinations(begins, size))
    )
    assert moved <= len(begins) - most_in_order


@given(st.lists(st.integers(), max_size=9).map(sorted))
def test_times_in_order_stay_as_they_are(begins: list[int]) -> None:
    assert placed(at(*begins)) == tuple(begins)


def test_one_clock_that_is_off_moves_nobody_else() -> None:
    assert placed(at(10, 20, 9999, 30, 40)) == (10, 20, 30, 30, 40)
    assert placed(at(10, 20, -9999, 30, 40)) == (10, 20, 20, 30, 40)


def test_local_time_is_that_of_the_wall_where_the_device_was() -> None:
    assert local_time(0, -90) == datetime(1969, 12, 31, 22, 30)
    assert local_time(86_400_000, 330) == datetime(1970, 1, 2, 5, 30)


@given(st.integers(), st.integers())
def test_no_time_is_too_far_away_to_be_shown(at_ms: int, utc_offset_minutes: int) -> None:
    assert 1 <= local_time(at_ms, utc_offset_minutes).year <= 9999
