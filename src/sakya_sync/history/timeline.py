"""What was written when, by whom: sessions of writing, snapshots as pins, the chapters of now."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

MINUTE_MS: Final = 60_000

_EPOCH: Final = datetime(1970, 1, 1)
_FIRST_MS: Final = (datetime.min - _EPOCH) // timedelta(milliseconds=1)
_LAST_MS: Final = (datetime.max - _EPOCH) // timedelta(milliseconds=1)


class Did(StrEnum):
    """What happened to a file in a session."""

    CHANGED = "changed"
    CREATED = "created"
    DELETED = "deleted"
    RENAMED = "renamed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class FileWork:
    """One file's part of a session; `added` and `removed` are words."""

    path: str
    added: int
    removed: int
    did: Did
    old_path: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One author's writing without a long pause, on one device.

    Its times are those that nothing contradicts; `clock_behind_seconds` is how far the device's
    clock was behind them, negative when it was ahead.
    """

    author: str
    began_ms: int
    ended_ms: int
    utc_offset_minutes: int
    files: tuple[FileWork, ...]
    clock_behind_seconds: int = 0

    @property
    def added(self) -> int:
        """Words."""
        return sum(work.added for work in self.files)

    @property
    def removed(self) -> int:
        """Words."""
        return sum(work.removed for work in self.files)


@dataclass(frozen=True, slots=True)
class Pin:
    """A named snapshot, with what the project counted then; `automatic` before something risky."""

    name: str
    automatic: bool
    at_ms: int
    author: str
    message: str
    files: int
    chapters: int
    words: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter as it is now, and how many words it is meant to have."""

    path: str
    title: str
    words: int
    target_words: int | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A project's history: sessions oldest first, chapters in reading order, `words` in all now."""

    project: str
    sessions: tuple[Session, ...]
    pins: tuple[Pin, ...]
    chapters: tuple[Chapter, ...]
    words: int


def totals(timeline: Timeline) -> tuple[int, ...]:
    """Words in all after each session, counted back from what there is now."""
    total = timeline.words
    found = []
    for session in reversed(timeline.sessions):
        found.append(total)
        total -= session.added - session.removed
    return tuple(reversed(found))


def local_time(at_ms: int, utc_offset_minutes: int) -> datetime:
    """The time on a wall with that offset, naive; times beyond the years 1 to 9999 are cut off."""
    local_ms = at_ms + utc_offset_minutes * MINUTE_MS
    return _EPOCH + timedelta(milliseconds=min(max(local_ms, _FIRST_MS), _LAST_MS))


@dataclass(frozen=True, slots=True)
class Offsets:
    """The UTC offset of whoever wrote last before a moment: what to show a snapshot's time in."""

    begins_ms: tuple[int, ...]
    minutes: tuple[int, ...]

    @classmethod
    def of(cls, timeline: Timeline) -> Self:
        """From the sessions."""
        return cls(
            tuple(session.began_ms for session in timeline.sessions),
            tuple(session.utc_offset_minutes for session in timeline.sessions),
        )

    def local(self, at_ms: int) -> datetime:
        """The time on the wall there; UTC without any session."""
        if not self.begins_ms:
            return local_time(at_ms, 0)
        return local_time(at_ms, self.minutes[max(0, bisect_right(self.begins_ms, at_ms) - 1)])
