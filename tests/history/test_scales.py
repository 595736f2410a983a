from datetime import datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.history.scales import date_marks, word_marks

times = st.datetimes()


@given(st.integers(0, 10**12), st.integers(2, 12))
def test_word_marks_are_even_start_at_nothing_and_reach_the_most(most: int, at_most: int) -> None:
    marks = word_marks(most, at_most)
    assert 2 <= len(marks) <= at_most
    assert marks[0] == 0
    assert marks[-1] >= most
    assert len({after - before for before, after in pairwise(marks)}) == 1
    assert len(marks) == 2 or marks[-2] < most


@given(times, times, st.integers(1, 14))
def test_date_marks_lie_between_the_ends_in_order(
    one: datetime, other: datetime, at_most: int
) -> None:
    first, last = sorted((one, other))
    marks = date_marks(first, last, at_most)
    assert len(marks) <= at_most
    assert all(first <= mark.at <= last for mark in marks)
    assert all(before.at < after.at for before, after in pairwise(marks))


def labels(first: datetime, last: datetime, at_most: int) -> list[str]:
    return [mark.label for mark in date_marks(first, last, at_most)]


def test_marks_are_as_fine_as_fits() -> None:
    start = datetime(2024, 3, 4, 9, 20)
    assert labels(start, datetime(2024, 3, 4, 13, 0), 4) == ["10:00", "11:00", "12:00", "13:00"]
    assert labels(start, datetime(2024, 3, 8), 4) == ["5 Mar 2024", "6 Mar", "7 Mar", "8 Mar"]
    assert labels(start, datetime(2024, 4, 1), 4) == ["11 Mar 2024", "18 Mar", "25 Mar", "1 Apr"]
    assert labels(start, datetime(2025, 3, 1), 4) == ["Apr 2024", "Jul", "Oct", "2025"]
    assert labels(start, datetime(2031, 1, 1), 4) == ["2026", "2028", "2030"]


def test_two_marks_of_a_day_scale_do_not_move_as_time_goes_on() -> None:
    early = {mark.at for mark in date_marks(datetime(2024, 3, 4), datetime(2024, 3, 24), 11)}
    late = {mark.at for mark in date_marks(datetime(2024, 3, 5), datetime(2024, 3, 25), 11)}
    assert len(early & late) >= 9
