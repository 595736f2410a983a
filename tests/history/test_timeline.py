from datetime import datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from history.samples import timelines
from sakya_sync.history.timeline import (
    Did,
    FileWork,
    Offsets,
    Session,
    Timeline,
    local_time,
    totals,
)


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


def test_local_time_is_that_of_the_wall_where_the_device_was() -> None:
    assert local_time(0, -90) == datetime(1969, 12, 31, 22, 30)
    assert local_time(86_400_000, 330) == datetime(1970, 1, 2, 5, 30)


@given(st.integers(), st.integers())
def test_no_time_is_too_far_away_to_be_shown(at_ms: int, utc_offset_minutes: int) -> None:
    assert 1 <= local_time(at_ms, utc_offset_minutes).year <= 9999


def test_a_snapshot_is_shown_in_the_time_of_whoever_wrote_last() -> None:
    sessions = tuple(Session("Ada", at, at, minutes, ()) for at, minutes in ((10, 60), (20, 120)))
    offsets = Offsets.of(Timeline("p", sessions, (), (), 0))
    hours = [offsets.local(at_ms).hour for at_ms in (5, 10, 19, 20, 99)]
    assert hours == [1, 1, 1, 2, 2]
    assert Offsets.of(Timeline("p", (), (), (), 0)).local(0).hour == 0
