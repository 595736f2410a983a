"""A moment read piece by piece, as a writer says it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from re import compile as pattern

from sakya_sync.errors import MomentAhead, MomentUnclear
from sakya_sync.history.datewords import (
    DAY_PARTS,
    NUMBERS,
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

_YEAR_FIRST = pattern(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = pattern(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_YEAR_MONTH = pattern(r"(\d{4})-(\d{1,2})")
_CLOCK = pattern(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
_DAY = pattern(r"\d{1,2}")
_YEAR = pattern(r"[12]\d{3}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that has passed, and in words what was understood.

    Args:
        at_ms: since 1970, inclusive: what was written in that millisecond is part of it.
    """

    at_ms: int
    meaning: str


def described(at_ms: int, zone: tzinfo) -> str:
    """'Friday 20 November 2026, 14:30'."""
    return f"{day_in_words(local(at_ms, zone))}, {local(at_ms, zone):%H:%M}"


def passed(at_ms: int, now_ms: int, zone: tzinfo) -> Moment:
    if at_ms > now_ms:
        raise MomentAhead(moment=described(at_ms, zone))
    return Moment(at_ms, described(at_ms, zone))


class MomentReader:
    """Takes pieces off the front until nothing is left that it understands."""

    def __init__(self, pieces: list[str], now_ms: int, zone: tzinfo) -> None:
        self.pieces = pieces
        self._now_ms = now_ms
        self._zone = zone
        self._now = local(now_ms, zone)
        self._today = self._now.date()

    def moment(self) -> Moment:
        if self._take("now"):
            return self._now_itself()
        if self.pieces[-1:] == ["ago"]:
            self.pieces.pop()
            return self._ago()
        if "ago" in self.pieces:
            return self._ago_at()
        clock = self._clock()
        if clock is None and (stretch := self._stretch()):
            return self._end_of(*stretch)
        days = list(self._days())
        part = None if clock else self._day_part()
        clock = clock or (None if part else self._clock())
        if not days and not clock and not part:
            raise ValueError("neither a day nor a time")
        days = days or [self._today]
        if clock:
            return self._at(days, clock)
        return self._during(days, *(part or (0, 24)))

    def _take(self, *words: str) -> bool:
        if self.pieces[: len(words)] != list(words):
            return False
        del self.pieces[: len(words)]
        return True

    def _now_itself(self) -> Moment:
        return Moment(self._now_ms, f"now, {described(self._now_ms, self._zone)}")

    def _ago(self) -> Moment:
        """`2 hours ago`, `an hour and 30 min ago`, `half an hour ago`."""
        if not self.pieces:
            raise ValueError("how long ago?")
        seconds = months = 0.0
        days = 0
        while self.pieces:
            count = self._count()
            unit = _unit(self.pieces.pop(0))
            match unit:
                case "second" | "minute" | "hour":
                    seconds += count * {"second": 1, "minute": 60, "hour": 3600}[unit]
                case "day" | "week":
                    days += int(count * (7 if unit == "week" else 1))
                case _:
                    months += count * (12 if unit == "year" else 1)
            if count != int(count) and unit not in {"minute", "hour"}:
                raise ValueError("only minutes and hours have halves")
        day = months_before(self._today, int(months)) - timedelta(days)
        at_ms = milliseconds(datetime.combine(day, self._now.time(), self._zone)) - round(
            seconds * 1000
        )
        return Moment(at_ms, described(at_ms, self._zone))

    def _ago_at(self) -> Moment:
        """`3 days ago at 9am`."""
        end = self.pieces.index("ago")
        units = {unit_of(word) for word in self.pieces[:end]}
        rest = self.pieces[end + 1 :]
        del self.pieces[end:]
        day = local(self._ago().at_ms, self._zone).date()
        self.pieces[:] = rest
        clock = self._clock()
        if clock is None or units & {"second", "minute", "hour"}:
            raise ValueError("a time of that day is missing")
        return self._at([day], clock)

    def _count(self) -> float:
        if self._take("half", "an") or self._take("half", "a"):
            return 0.5
        word = self.pieces.pop(0)
        if word in {"a", "an"}:
            return 1
        if word in NUMBERS:
            return NUMBERS.index(word)
        if not word.isascii() or not word.isdigit() or len(word) > 6:
            raise ValueError("not a number")
        return int(word)

    def _stretch(self) -> tuple[date, date] | None:
        """The first day of a week, a month or a year, and the one after the last."""
        for back, word in ((1, "last"), (0, "this")):
            if self._take(word, "week"):
                monday = self._today - timedelta(self._today.weekday() + 7 * back)
                return monday, monday + timedelta(7)
            if self._take(word, "month"):
                first = months_before(self._today.replace(day=1), back)
                return first, months_before(first, -1)
            if self._take(word, "year"):
                year = self._today.year - back
                return date(year, 1, 1), date(year + 1, 1, 1)
        return self._of_month()

    def _of_month(self) -> tuple[date, date] | None:
        """`2026-11`, `november 2026`, `november`, `last november`."""
        if self.pieces and (found := _YEAR_MONTH.fullmatch(self.pieces[0])):
            self.pieces.pop(0)
            first = date(int(found[1]), int(found[2]), 1)
            return first, months_before(first, -1)
        words = self.pieces[1:] if self.pieces[:1] in (["last"], ["this"]) else self.pieces
        month = month_of(words[0]) if words else None
        if month is None or (len(words) > 1 and not _YEAR.fullmatch(words[1])):
            return None
        if len(words) > 1:
            first = date(int(words[1]), month, 1)
        else:
            first = self._today.replace(month=month, day=1)
            running = month == self._today.month and self._last()
            if running or first > self._today:
                first = first.replace(year=first.year - 1)
        self.pieces.clear()
        return first, months_before(first, -1)

    def _days(self) -> Iterator[date]:
        """The days that may be meant, the likeliest first."""
        if self._take("today") or self._take_this():
            yield self._today
        elif self._take("yesterday") or self._take_last_night():
            yield self._today - timedelta(1)
        elif (
            self.pieces and (weekday := weekday_of(self.pieces[-1] if self._last() else None)) >= 0
        ):
            del self.pieces[:2]
            yield self._today - timedelta((self._today.weekday() - weekday - 1) % 7 + 1)
        elif self.pieces and (weekday := weekday_of(self.pieces[0])) >= 0:
            self.pieces.pop(0)
            recent = self._today - timedelta((self._today.weekday() - weekday) % 7)
            yield from (recent, recent - timedelta(7))
        else:
            yield from self._dates()

    def _last(self) -> bool:
        return self.pieces[:1] == ["last"]

    def _take_this(self) -> bool:
        """`this` before a part of the day, which it leaves."""
        parts = {part for part, _, _ in DAY_PARTS}
        return len(self.pieces) > 1 and self.pieces[1] in parts and self._take("this")

    def _take_last_night(self) -> bool:
        if self.pieces[:2] != ["last", "night"]:
            return False
        self.pieces.pop(0)
        return True

    def _dates(self) -> Iterator[date]:
        first = self.pieces[0] if self.pieces else ""
        if found := _YEAR_FIRST.fullmatch(first):
            self.pieces.pop(0)
            yield date(int(found[1]), int(found[2]), int(found[3]))
        elif found := _YEAR_LAST.fullmatch(first):
            self.pieces.pop(0)
            yield _only_reading(first, int(found[1]), int(found[2]), int(found[3]))
        elif named := self._named_date():
            month, day, year = named
            if year is not None:
                yield date(year, month, day)
                return
            # 29 February may be some years back.
            for before in range(9):
                found_day = date_if_any(self._today.year - before, month, day)
                if found_day and found_day <= self._today:
                    yield found_day

    def _named_date(self) -> tuple[int, int, int | None] | None:
        """`20 november 2026`, `nov 20th`: month, day, and the year if there is one."""
        words = [word for word in self.pieces if word not in {"st", "nd", "rd", "th"}]
        if len(words) < 2:
            return None
        one, other = words[:2]
        month, day = month_of(one) or month_of(other), other if month_of(one) else one
        if month is None or not _DAY.fullmatch(day):
            return None
        rest = words[2:]
        year = int(rest.pop(0)) if rest and _YEAR.fullmatch(rest[0]) else None
        self.pieces[:] = rest
        return month, int(day), year

    def _clock(self) -> time | None:
        """`9am`, `9:30 pm`, `14:30`, `noon`, `midnight`."""
        if self._take("noon"):
            return time(12)
        if self._take("midnight"):
            return time(0)
        first, half = (*self.pieces[:2], "", "")[:2]
        found = _CLOCK.fullmatch(first)
        if half in {"am", "pm"} and (found or _DAY.fullmatch(first)):
            hour = int(found[1] if found else first)
            if not 1 <= hour <= 12:
                raise ValueError("no such hour")
            hour = hour % 12 + (12 if half == "pm" else 0)
            del self.pieces[:2]
        elif found:
            hour = int(found[1])
            self.pieces.pop(0)
        else:
            return None
        return time(hour, int(found[2]) if found else 0, int(found[3] or 0) if found else 0)

    def _day_part(self) -> tuple[int, int] | None:
        for part, begins, ends in DAY_PARTS:
            if self._take(part):
                return begins, ends
        return None

    def _at(self, days: list[date], clock: time) -> Moment:
        """The latest of those days on which that time has come."""
        moments = [milliseconds(datetime.combine(day, clock, self._zone)) for day in days]
        at_ms = next((at_ms for at_ms in moments if at_ms <= self._now_ms), moments[0])
        # A minute is a stretch of time, too.
        length_ms = 1000 if clock.second else 60_000
        if at_ms <= self._now_ms:
            end = min(at_ms + length_ms - 1, self._now_ms)
            return Moment(end, described(at_ms, self._zone))
        return passed(at_ms, self._now_ms, self._zone)

    def _during(self, days: list[date], begins: int, ends: int) -> Moment:
        for day in days:
            midnight = datetime.combine(day, time(), self._zone)
            begin_ms = milliseconds(midnight + timedelta(hours=begins))
            end_ms = milliseconds(midnight + timedelta(hours=ends)) - 1
            if begin_ms <= self._now_ms:
                return self._ended(end_ms)
        return passed(begin_ms, self._now_ms, self._zone)

    def _end_of(self, first: date, after: date) -> Moment:
        begin_ms = milliseconds(datetime.combine(first, time(), self._zone))
        if begin_ms > self._now_ms:
            return passed(begin_ms, self._now_ms, self._zone)
        return self._ended(milliseconds(datetime.combine(after, time(), self._zone)) - 1)

    def _ended(self, end_ms: int) -> Moment:
        if end_ms >= self._now_ms:
            return self._now_itself()
        end = local(end_ms, self._zone)
        if (end.hour, end.minute) == (23, 59):
            return Moment(end_ms, f"the end of {day_in_words(end)}")
        return Moment(end_ms, described(end_ms + 1, self._zone))


def _only_reading(said: str, one: int, other: int, year: int) -> date:
    """Whether the day or the month comes first, only a day past the twelfth can tell."""
    day_first, month_first = date_if_any(year, other, one), date_if_any(year, one, other)
    if day_first and month_first and day_first != month_first:
        raise MomentUnclear(
            expression=said,
            one=date_in_words(day_first),
            other=date_in_words(month_first),
            write_one=day_first.isoformat(),
            write_other=month_first.isoformat(),
        )
    found = day_first or month_first
    if found is None:
        raise ValueError("no such day")
    return found


def _unit(word: str) -> str:
    unit = unit_of(word)
    if unit is None:
        raise ValueError("no unit of time")
    return unit
