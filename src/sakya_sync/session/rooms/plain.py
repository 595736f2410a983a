"""What a plain room says: to whoever joins, and to what is sent to it.

Two families. A log room sees updates from outside and numbers what is to be kept; it is quick and
runs beside everything else. A document room takes updates in, with a library that a crafted update
may break: it runs in a process of its own. Neither touches a disk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sakya_sync.wire.messages import AckStatus


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is kept, under a number that grows within its room."""

    number: int
    body: bytes
    retired: bool = False
    """Covered by a later one; kept until its grace period is over."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a join is answered."""

    version: bytes
    stored: tuple[int, ...] = ()
    """Entries to send, by their numbers."""
    updates: tuple[bytes, ...] = ()
    """What else to send, ready."""


@dataclass(frozen=True, slots=True)
class VersionUnknown:
    """The version that came with a join means nothing here; never said of an empty one."""

    version: bytes
    """What the room is at."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What becomes of one batch."""

    status: AckStatus
    store: tuple[bytes, ...] = ()
    """New entries, numbered on from the last."""
    forward: tuple[bytes, ...] = ()
    """What the others get, once the entries are durable."""
    retire: tuple[int, ...] = ()
    """Entries that the new ones cover."""
    drop: tuple[int, ...] = ()
    """Entries that need not be kept for a while."""
    marks: tuple[bytes, ...] = ()
    """What the room has to remember when the entries themselves are gone."""


class LogRoom(Protocol):
    """A room that sees updates from outside."""

    stored: bool
    """Whether anything is ever kept."""

    def restore(self, entries: Iterable[Entry], marks: Iterable[bytes]) -> None:
        """Begin from what is kept. At most once, and first."""

    def welcome(self, version: bytes, now: float) -> Welcome | VersionUnknown:
        """Answer a join."""

    def take(self, updates: Sequence[bytes], now: float) -> Taken:
        """Take a batch in, all of it or nothing; entries are numbered on from the last."""

    def pack(self, entries: Iterable[bytes]) -> list[bytes]:
        """Entries as updates that clients read."""


class DocumentRoom(Protocol):
    """A room that is a document. Everything may raise what the library raises."""

    def restore(self, updates: Sequence[bytes]) -> None:
        """Begin from what is kept. At most once, and first."""

    def welcome(self, version: bytes) -> Welcome | VersionUnknown:
        """Answer a join."""

    def take(self, update: bytes) -> bool:
        """Take one update in; whether it brought anything. Raises UpdateInvalid."""

    def condense(self) -> bytes | None:
        """One update that stands for all of them; None where there is none at the moment."""
