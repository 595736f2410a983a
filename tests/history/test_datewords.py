from datetime import UTC, date, datetime

import pytest

from sakya_sync.history.datewords import (
    WORDS,
    date_if_any,
    date_in_words,
    day_in_words,
    local,
    milliseconds,
    month_of,
    months_before,
    unit_of,
    weekday_of,
)


def test_days_and_months_are_known_by_three_letters_or_more() -> None:
    assert [weekday_of(word) for word in ("monday", "tues", "sun", "su", "sunny", None)] == (
        [0, 1, 6, -1, -1, -1]
    )
    assert [month_of(word) for word in ("january", "sept", "may", "ma", "decor")] == (
        [1, 9, 5, None, None]
    )


def test_units_are_known_by_their_short_forms() -> None:
    said = ("hours", "hour", "h", "hrs", "min", "mins", "d", "weeks", "fortnight", "s")
    assert [unit_of(word) for word in said] == [
        *("hour", "hour", "hour", "hour", "minute", "minute", "day", "week", None, "second"),
    ]
    assert len(WORDS) == len(set(WORDS))


@pytest.mark.parametrize(
    ("months", "there"),
    [
        (0, "2026-03-31"),
        (1, "2026-02-28"),
        (3, "2025-12-31"),
        (-1, "2026-04-30"),
        (12, "2025-03-31"),
    ],
)
def test_months_before_keep_the_day_where_there_is_one(months: int, there: str) -> None:
    assert months_before(date(2026, 3, 31), months) == date.fromisoformat(there)


def test_a_day_that_is_none_is_none() -> None:
    assert date_if_any(2026, 2, 29) is None
    assert date_if_any(2024, 2, 29) == date(2024, 2, 29)


def test_days_in_words_are_the_same_in_every_locale() -> None:
    at = datetime(2026, 11, 5, 9, tzinfo=UTC)
    assert day_in_words(at) == "Thursday 5 November 2026"
    assert date_in_words(at) == "5 November 2026"
    assert local(milliseconds(at), UTC) == at
