from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from history.samples import novel, timelines
from sakya_sync.history.days import Day, Streak, current, dates, days, longest, streaks, writers
from sakya_sync.history.timeline import Did, FileWork, Session, Timeline

NOON = 12 * 3_600_000
DAY = 86_400_000

calendars = st.lists(st.integers(1, 60), unique=True, max_size=30).map(
    lambda ordinals: [
        Day(date.fromordinal(ordinal), 1, ordinal % 3, ordinal % 2, 0)
        for ordinal in sorted(ordinals)
    ]
)


@given(timelines)
def test_days_add_up_to_all_sessions_and_end_with_the_words_of_now(timeline: Timeline) -> None:
    found = days(timeline)
    assert sum(day.added for day in found) == sum(part.added for part in timeline.sessions)
    assert sum(day.removed for day in found) == sum(part.removed for part in timeline.sessions)
    assert sum(day.sessions for day in found) == len(timeline.sessions)
    assert [day.date for day in found] == sorted(set(dates(timeline)))
    assert not found or found[-1].total == timeline.words
    for before, after in pairwise(found):
        assert after.total - before.total == after.added - after.removed


def test_a_day_is_that_of_the_place_where_it_was_written() -> None:
    late = Session("Ada", NOON, NOON, 13 * 60, ())
    assert [day.date for day in days(Timeline("p", (late,), (), (), 0))] == [date(1970, 1, 2)]
    early = Session("Ada", NOON, NOON, -13 * 60, ())
    assert [day.date for day in days(Timeline("p", (early,), (), (), 0))] == [date(1969, 12, 31)]


@given(calendars)
def test_streaks_are_the_writing_days_without_a_gap(calendar: list[Day]) -> None:
    found = streaks(calendar)
    covered = [
        streak.first + timedelta(days=offset) for streak in found for offset in range(streak.days)
    ]
    assert covered == [day.date for day in calendar if day.wrote]
    for before, after in pairwise(found):
        assert after.first - before.last > timedelta(days=1)


@given(calendars)
def test_the_longest_streak_is_not_exceeded(calendar: list[Day]) -> None:
    found = streaks(calendar)
    best = longest(found)
    assert (best is None) == (not found)
    assert best is None or best.days == max(streak.days for streak in found)


def test_a_streak_goes_on_until_a_whole_day_has_passed() -> None:
    streak = Streak(date(2025, 3, 1), date(2025, 3, 4))
    assert streak.days == 4
    assert current([streak], date(2025, 3, 4)) == streak
    assert current([streak], date(2025, 3, 5)) == streak
    assert current([streak], date(2025, 3, 6)) is None
    assert current([], date(2025, 3, 6)) is None


def test_renaming_a_file_is_not_writing() -> None:
    renamed = FileWork("b.md", 0, 0, Did.RENAMED, "a.md")
    timeline = Timeline("p", (Session("Ada", NOON, NOON, 0, (renamed,)),), (), (), 9)
    assert not streaks(days(timeline))
    assert [writer.days for writer in writers(timeline)] == [0]


@given(timelines)
def test_writers_share_all_that_was_written(timeline: Timeline) -> None:
    found = writers(timeline)
    assert sum(writer.sessions for writer in found) == len(timeline.sessions)
    assert sum(writer.added for writer in found) == sum(part.added for part in timeline.sessions)
    assert [writer.added for writer in found] == sorted((w.added for w in found), reverse=True)
    assert len({writer.author for writer in found}) == len(found)


def test_a_novel_has_two_writers() -> None:
    assert [writer.author for writer in writers(novel())] == ["Maren Holt", "Ines Calder"]
