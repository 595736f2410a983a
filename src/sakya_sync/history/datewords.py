"""Days, months and lengths of time by the words that people use for them, and back in words."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
NUMBERS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "year")
_SHORT_UNITS: Final = (
    *(("s", "second"), ("sec", "second"), ("m", "minute"), ("min", "minute"), ("h", "hour")),
    *(("hr", "hour"), ("d", "day"), ("w", "week"), ("y", "year")),
)
# A part of the day, the hour at which it begins, and the one at which it ends.
DAY_PARTS: Final = (
    ("morning", 4, 12),
    ("afternoon", 12, 18),
    ("evening", 18, 24),
    ("night", 18, 28),
)
_OTHERS: Final = (
    *("now", "today", "yesterday", "noon", "midnight", "last", "this", "ago", "half", "an", "a"),
    *("am", "pm", "at", "on", "and", "the", "of", "in"),
)
WORDS: Final = (
    *WEEKDAYS, *MONTHS, *NUMBERS, *UNITS, *(f"{unit}s" for unit in UNITS),
    *(part for part, _, _ in DAY_PARTS), *_OTHERS,
)  # fmt: skip


def local(at_ms: int, zone: tzinfo) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).astimezone(zone)


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def day_in_words(at: datetime) -> str:
    return f"{WEEKDAYS[at.weekday()].capitalize()} {date_in_words(at)}"


def date_in_words(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1].capitalize()} {day.year}"


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or its last."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def date_if_any(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def weekday_of(word: str | None) -> int:
    """From 0 for Monday; -1 for no weekday."""
    if word is None:
        return -1
    for number, name in enumerate(WEEKDAYS):
        if word == name or (len(word) >= 3 and name.startswith(word)):
            return number
    return -1


def month_of(word: str) -> int | None:
    for number, name in enumerate(MONTHS, 1):
        if word == name or (len(word) >= 3 and name.startswith(word)):
            return number
    return None


def unit_of(word: str) -> str | None:
    short = dict(_SHORT_UNITS)
    for form in (word, word.removesuffix("s")):
        if form in UNITS:
            return form
        if form in short:
            return short[form]
    return None
