from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import MomentAhead, MomentUnclear, MomentUnknown
from sakya_sync.history.when import Moment, described, parse_moment

ZONE = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 10, 30, 15, tzinfo=ZONE)
"""A Wednesday."""


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def parsed(expression: str, now: datetime = NOW) -> Moment:
    return parse_moment(expression, ms(now), ZONE)


def shown(moment: Moment) -> str:
    """In local time, to the second."""
    return f"{datetime.fromtimestamp(moment.at_ms / 1000, ZONE):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("expression", "at"),
    [
        ("now", "2026-11-25 10:30:15"),
        ("  NOW ", "2026-11-25 10:30:15"),
        ("2 hours ago", "2026-11-25 08:30:15"),
        ("2h ago", "2026-11-25 08:30:15"),
        ("two hours ago", "2026-11-25 08:30:15"),
        ("half an hour ago", "2026-11-25 10:00:15"),
        ("an hour and 30 min ago", "2026-11-25 09:00:15"),
        ("45 seconds ago", "2026-11-25 10:29:30"),
        ("a day ago", "2026-11-24 10:30:15"),
        ("3 weeks ago", "2026-11-04 10:30:15"),
        ("1 month ago", "2026-10-25 10:30:15"),
        ("2 years ago", "2024-11-25 10:30:15"),
        ("3 days ago at 9am", "2026-11-22 09:00:59"),
    ],
)
def test_ago_counts_back_from_now(expression: str, at: str) -> None:
    assert shown(parsed(expression)) == at


@pytest.mark.parametrize(
    ("expression", "day"),
    [
        ("yesterday", "2026-11-24"),
        ("monday", "2026-11-23"),
        ("mon", "2026-11-23"),
        ("last monday", "2026-11-23"),
        ("thursday", "2026-11-19"),
        ("last wednesday", "2026-11-18"),
        ("2026-11-20", "2026-11-20"),
        ("2026/11/20", "2026-11-20"),
        ("20.11.2026", "2026-11-20"),
        ("11/20/2026", "2026-11-20"),
        ("03/03/2026", "2026-03-03"),
        ("20 november", "2026-11-20"),
        ("november 20th, 2026", "2026-11-20"),
        ("the 20th of november", "2026-11-20"),
        ("30 nov", "2025-11-30"),
        ("29 february", "2024-02-29"),
        ("last week", "2026-11-22"),
        ("last month", "2026-10-31"),
        ("last year", "2025-12-31"),
        ("2026-10", "2026-10-31"),
        ("october 2025", "2025-10-31"),
        ("december", "2025-12-31"),
        ("last november", "2025-11-30"),
        ("yesterday evening", "2026-11-24"),
    ],
)
def test_a_stretch_of_time_is_meant_as_it_ended(expression: str, day: str) -> None:
    moment = parsed(expression)
    assert shown(moment) == f"{day} 23:59:59"
    assert moment.at_ms % 1000 == 999
    assert moment.meaning.startswith("the end of ")


@pytest.mark.parametrize(
    "expression", ["today", "wednesday", "this morning", "this week", "november", "2026-11"]
)
def test_of_what_has_not_ended_it_is_now(expression: str) -> None:
    moment = parsed(expression)
    assert moment.at_ms == ms(NOW)
    assert moment.meaning == "now, Wednesday 25 November 2026, 10:30"


@pytest.mark.parametrize(
    ("expression", "at"),
    [
        ("2026-11-20 14:30", "2026-11-20 14:30:59"),
        ("2026-11-20T14:30", "2026-11-20 14:30:59"),
        ("2026-11-20 14:30:05", "2026-11-20 14:30:05"),
        ("2026-11-20T14:30Z", "2026-11-20 15:30:00"),
        ("2026-11-20T14:30:00-05:00", "2026-11-20 20:30:00"),
        ("2026-11-20 14:30 +0100", "2026-11-20 14:30:00"),
        ("monday 9am", "2026-11-23 09:00:59"),
        ("9am on monday", "2026-11-23 09:00:59"),
        ("wednesday 11am", "2026-11-18 11:00:59"),
        ("yesterday at 9:15 pm", "2026-11-24 21:15:59"),
        ("yesterday noon", "2026-11-24 12:00:59"),
        ("midnight", "2026-11-25 00:00:59"),
        ("12am", "2026-11-25 00:00:59"),
        ("yesterday 12pm", "2026-11-24 12:00:59"),
        ("9am", "2026-11-25 09:00:59"),
        ("nov 20 9am", "2026-11-20 09:00:59"),
        ("monday morning", "2026-11-23 11:59:59"),
        ("yesterday afternoon", "2026-11-24 17:59:59"),
        ("last night", "2026-11-25 03:59:59"),
    ],
)
def test_a_time_of_day_is_meant_with_its_whole_minute(expression: str, at: str) -> None:
    assert shown(parsed(expression)) == at


def test_what_can_be_two_days_is_refused_with_both() -> None:
    with pytest.raises(MomentUnclear) as caught:
        parsed("03/04/2026")
    assert caught.value.message == "“03/04/2026” can be 3 April 2026 or 4 March 2026."
    assert caught.value.hint == "Write 2026-04-03 or 2026-03-04."


@pytest.mark.parametrize(
    "expression",
    [
        "noon",
        "9pm",
        "2027-01-01",
        "2026-11-25 10:31",
        "2026-11-25T23:00Z",
        "01.01.2027",
        "this night",
    ],
)
def test_what_is_still_to_come_is_refused(expression: str) -> None:
    with pytest.raises(MomentAhead):
        parsed(expression)


@pytest.mark.parametrize(
    "expression",
    [
        *("", "banana", "tomorrow", "ago", "2 ago", "hours ago", "half a day ago", "last", "this"),
        *("2026-13-01", "31/31/2026", "25:00", "13pm", "0am", "yesterday yesterday", "monday foo"),
        *("99999999999 days ago", "999999 years ago", "9 hours ago at noon", "31 june", "x" * 500),
        *("3/4/26", "1.5 hours ago", "2026-11-20 14:30 foo", "0000-01-01"),
    ],
)
def test_what_is_no_moment_is_refused_with_some_that_are(expression: str) -> None:
    with pytest.raises(MomentUnknown) as caught:
        parsed(expression)
    assert "yesterday, 2 hours ago, monday 9am" in caught.value.hint
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ("yesterdy", "yesterday"),
        ("2 huors ago", "2 hours ago"),
        ("last moday", "last monday"),
        ("20 novembre", "20 november"),
        ("monday mornig", "monday morning"),
    ],
)
def test_a_slip_of_the_pen_is_mended_in_the_hint(expression: str, meant: str) -> None:
    with pytest.raises(MomentUnknown) as caught:
        parsed(expression)
    assert caught.value.hint.startswith(f"Try one of these: {meant}, ")


def test_summer_time_is_heeded() -> None:
    spring = datetime(2026, 3, 29, 12, 0, tzinfo=ZONE)
    assert parsed("a day ago", spring).at_ms == ms(spring) - 23 * 3_600_000
    assert parsed("24 hours ago", spring).at_ms == ms(spring) - 24 * 3_600_000
    assert shown(parsed("yesterday", spring)) == "2026-03-28 23:59:59"


def test_the_words_say_what_was_understood_where_it_was_said() -> None:
    moment = parse_moment("2026-11-20T14:30-05:00", ms(NOW), UTC)
    assert moment.meaning == "Friday 20 November 2026, 14:30"
    assert (
        described(moment.at_ms, timezone(timedelta(hours=9))) == "Saturday 21 November 2026, 04:30"
    )
    assert parsed("monday morning").meaning == "Monday 23 November 2026, 12:00"


words = st.sampled_from(
    [
        *("last", "this", "ago", "half", "an", "a", "two", "13", "9999999", "²", ":", "-"),
        *("monday", "november", "feb", "20", "20th", "29", "2026", "2026-11", "2026-11-20"),
        *("9am", "14:30", "am", "T", "Z", "+01:00", "03/04/2026", "noon", "morning", "night"),
        *("hour", "days", "week", "month"),
    ]
)


@given(st.lists(words, max_size=6).map(" ".join) | st.text(max_size=20))
def test_anything_is_a_moment_that_has_passed_or_refused(expression: str) -> None:
    try:
        moment = parsed(expression)
    except (MomentAhead, MomentUnclear, MomentUnknown):
        return
    assert moment.at_ms <= ms(NOW)
    assert moment.meaning
