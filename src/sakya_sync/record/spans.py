"""Stretches of one peer's operations. Spec: docs/protocol.md#records."""

from collections.abc import Iterable
from dataclasses import dataclass

from sakya_sync.ids import PeerId
from sakya_sync.record.versions import VersionVector


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The operations of one peer with counters start to end, end not included."""

    peer: PeerId
    start: int
    end: int

    def covers(self, other: "Span") -> bool:
        """Whether every operation of the other is in this one."""
        return self.peer == other.peer and self.start <= other.start and other.end <= self.end


def contiguous_prefix(spans: Iterable[Span]) -> VersionVector:
    """For each peer, how far the spans reach from 0 without a gap, in whatever order they come.

    What lies behind a gap is left out: a client that is told of it would never fill the gap.
    """
    ends: dict[PeerId, int] = {}
    for span in sorted(spans):
        end = ends.get(span.peer, 0)
        if span.start <= end < span.end:
            ends[span.peer] = span.end
    return VersionVector(ends)
