from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.history.calendar import LEVELS, thresholds, week, years
from sakya_sync.history.days import Day

calendars = st.dictionaries(
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.tuples(st.integers(0, 3000), st.integers(0, 3000)),
    max_size=20,
).map(lambda by_date: [Day(day, 1, *by_date[day], 0) for day in sorted(by_date)])


@given(calendars)
def test_every_writing_day_has_one_cell_and_newer_years_come_first(calendar: list[Day]) -> None:
    found = years(calendar)
    assert [year.year for year in found] == sorted({year.year for year in found}, reverse=True)
    shown = sorted((cell.day for year in found for cell in year.cells), key=lambda day: day.date)
    assert shown == [day for day in calendar if day.wrote]
    assert sum(year.added for year in found) == sum(day.added for day in calendar)
    assert sum(year.removed for year in found) == sum(day.removed for day in calendar)


@given(calendars)
def test_more_words_are_never_a_lower_level(calendar: list[Day]) -> None:
    cells = sorted(
        (cell for year in years(calendar) for cell in year.cells), key=lambda cell: cell.day.added
    )
    levels = [cell.level for cell in cells]
    assert levels == sorted(levels)
    assert not levels or 1 <= levels[0] <= levels[-1] <= LEVELS


@given(st.dates())
def test_a_week_begins_on_monday_and_a_year_has_54_at_most(day: date) -> None:
    assert 0 <= week(day) < 54
    tomorrow = date.fromordinal(min(day.toordinal() + 1, date.max.toordinal()))
    if tomorrow.year == day.year and tomorrow != day:
        assert week(tomorrow) - week(day) == (tomorrow.weekday() == 0)


def test_levels_split_the_days_evenly() -> None:
    calendar = [Day(date(2025, 1, 1 + at), 1, at + 1, 0, 0) for at in range(20)]
    assert thresholds(calendar) == (5, 9, 13, 17)
    levels = [cell.level for cell in years(calendar)[0].cells]
    assert [levels.count(level) for level in range(1, LEVELS + 1)] == [4, 4, 4, 4, 4]


def test_a_year_knows_its_longest_streak() -> None:
    calendar = [Day(date(2025, 1, day), 1, 1, 0, 0) for day in (1, 3, 4, 5, 9)]
    assert [year.longest_streak_days for year in years(calendar)] == [3]
