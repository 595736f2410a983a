"""Numbers, dates and names as a reader sees them, the same on a page and in a terminal."""

from datetime import date, datetime
from re import compile as pattern
from typing import Final

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# What no screen should be sent: controls, lone surrogates, and the marks that turn the direction
# of all that follows.
_UNSHOWN = pattern(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
_BREAK = pattern("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")


def clean(text: str) -> str:
    """On one line, with a mark in place of each character that no screen should be sent."""
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", _BREAK.sub(" ", text))


def shortened(text: str, most: int) -> str:
    """At most that many characters, the last of them an ellipsis when something was cut off."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def shortened_path(path: str, most: int) -> str:
    """Likewise, but cut in the middle: a path's end says most."""
    if len(path) <= most:
        return path
    front = (most - 1) // 3
    return path[:front] + "…" + path[len(path) - (most - 1 - front) :]


def counted(count: int, what: str) -> str:
    """'1 word', '1,204 words'."""
    return f"{count:,} {noun(count, what)}"


def noun(count: int, what: str) -> str:
    """'word' for one, else 'words'."""
    return what if count == 1 else f"{what}s"


def full_date(day: date) -> str:
    """'12 March 2025'."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """'12 Mar 2025'."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def month(day: date) -> str:
    """'March 2025'."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def clock(at: datetime) -> str:
    """'09:05'."""
    return f"{at.hour:02}:{at.minute:02}"


def offset(minutes: int) -> str:
    """'+05:30', as far as such offsets go."""
    hours, rest = divmod(min(abs(minutes), 24 * 60 - 1), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def span(seconds: int) -> str:
    """'3 days', '2 hours', '1 minute': in the largest unit that fits."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return counted(seconds // length, unit)
    return counted(seconds, "second")
