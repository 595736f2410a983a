"""When a document was changed, and under which peer: what its history is made of."""

from dataclasses import dataclass
from typing import Final

from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector

COMMIT_SECONDS: Final = 60
"""Changes of one peer within so many seconds are one commit."""

_OFFSET_MINUTES_MAX: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment as the device told it that wrote then; nothing vouches for its clock."""

    at_s: int
    """Seconds since 1970."""
    utc_offset_minutes: int
    """How far its local time was ahead of UTC."""

    @property
    def message(self) -> str:
        """What goes into a commit beside its time."""
        return f"{self.utc_offset_minutes:+d}"

    @classmethod
    def read(cls, at_s: int, message: str | None) -> "Stamp | None":
        """A commit's moment; None where it has none. Others may have written anything there."""
        if at_s <= 0:
            return None
        text = message or ""
        known = text[:1] in ("+", "-") and text[1:].isascii() and text[1:].isdigit()
        offset = int(text) if known and len(text) < 6 else 0
        return cls(at_s, offset if abs(offset) <= _OFFSET_MINUTES_MAX else 0)


@dataclass(frozen=True, slots=True)
class Commit:
    """What one peer wrote at one time, as one piece."""

    span: Span
    lamport: int
    """Greater than that of everything it could know of."""
    stamp: Stamp | None
    """None for a file's deterministic first operations."""
    before: VersionVector
    """Everything it was written in knowledge of."""
