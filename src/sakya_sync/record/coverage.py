"""How far spans reach without a gap, as they come in any order. Spec: docs/protocol.md#plain."""

from collections.abc import Iterable

from sakya_sync.ids import PeerId
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector


class Coverage:
    """For each peer the contiguous prefix from 0, and what lies behind a gap.

    What lies behind a gap is not in the version: a client that is told of it would never fill the
    gap.
    """

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._ends: dict[PeerId, int] = {}
        self._ahead: dict[PeerId, set[Span]] = {}
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> None:
        """One more span."""
        end = self._ends.get(span.peer, 0)
        if span.start > end:
            self._ahead.setdefault(span.peer, set()).add(span)
            return
        if span.end <= end:
            return
        self._ends[span.peer] = span.end
        ahead = self._ahead.pop(span.peer, None)
        for later in sorted(ahead or ()):
            self.add(later)

    def version(self) -> VersionVector:
        """How far each peer's operations are there without a gap."""
        return VersionVector(self._ends)
