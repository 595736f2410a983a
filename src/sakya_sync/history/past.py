"""One document's past: who wrote when, how it was at any moment, and what happened in between."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sakya_sync.history.honest import Dated, date
from sakya_sync.ids import AuthorId, PeerId
from sakya_sync.record.versions import VersionVector
from sakya_sync.replica.document import Document


@dataclass(frozen=True, slots=True)
class Run:
    """Commits that follow one another and belong together."""

    first: Dated
    last: Dated
    frontier: bytes
    """The document's, right after."""


class Past:
    """See the module; as of when it was made."""

    def __init__(
        self,
        document: Document,
        author_of: Callable[[PeerId], AuthorId | None],
        *,
        began_s: int = 0,
        now_s: int,
    ) -> None:
        """
        Args:
            author_of: whose a peer is.
            began_s: when the document was begun, for what carries no time.
            now_s: the time now, on this device's clock.
        """
        self.document = document
        self.dated = date(document.commits(), author_of, began_s, now_s)

    def version_at(self, at_s: int) -> VersionVector:
        """How far the document had come at a moment: a version that it can be shown at."""
        ends: dict[PeerId, int] = {}
        for item in self.dated:
            if item.at_s > at_s:
                break
            span = item.commit.span
            ends[span.peer] = max(ends.get(span.peer, 0), span.end)
        return VersionVector(ends)

    def frontier_at(self, at_s: int) -> bytes:
        """The same as a frontier."""
        return self.document.frontier_of(self.version_at(at_s))

    def runs(self, together: Callable[[Dated, Dated], bool]) -> Iterator[Run]:
        """All that was written, cut wherever two neighbours do not belong together."""
        ends: dict[PeerId, int] = {}
        first: Dated | None = None
        last: Dated | None = None
        for item in self.dated:
            if first is not None and last is not None and not together(last, item):
                yield Run(first, last, self.document.frontier_of(VersionVector(ends)))
                first = None
            span = item.commit.span
            ends[span.peer] = max(ends.get(span.peer, 0), span.end)
            first, last = first or item, item
        if first is not None and last is not None:
            yield Run(first, last, self.document.frontier_of(VersionVector(ends)))
