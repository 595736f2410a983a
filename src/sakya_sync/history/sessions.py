"""Sessions of writing: what each author wrote without a long pause."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from sakya_sync.history.honest import Dated
from sakya_sync.history.timeline import Did, FileWork, Session
from sakya_sync.ids import AuthorId

PAUSE_S: Final = 30 * 60
"""After so long without a word, an author's next one begins a new session."""


class Sessions:
    """Numbered, each author's in their order."""

    def __init__(self, dated: Iterable[Dated]) -> None:
        """Args: dated: everything that was written, in any order."""
        by_author: dict[AuthorId | None, list[Dated]] = {}
        for item in dated:
            by_author.setdefault(item.author, []).append(item)
        self._starts: dict[AuthorId | None, list[int]] = {}
        self._numbers: dict[AuthorId | None, int] = {}
        self._parts: list[list[Dated]] = []
        for author, items in by_author.items():
            items.sort(key=lambda item: item.at_s)
            self._numbers[author] = len(self._parts)
            starts = self._starts[author] = []
            last = -PAUSE_S - 1
            for item in items:
                if item.at_s - last > PAUSE_S:
                    starts.append(item.at_s)
                    self._parts.append([])
                self._parts[-1].append(item)
                last = item.at_s

    def of(self, dated: Dated) -> int:
        """The number of the session that something was written in."""
        place = bisect_right(self._starts[dated.author], dated.at_s) - 1
        return self._numbers[dated.author] + place

    def tell(self, number: int, author: str, files: tuple[FileWork, ...]) -> Session:
        """One of them, for people."""
        parts = self._parts[number]
        behind = max((item.behind_s for item in parts), key=abs)
        return Session(
            author,
            parts[0].at_s * 1000,
            parts[-1].at_s * 1000,
            parts[-1].utc_offset_minutes,
            files,
            behind,
        )


def together(one: FileWork | None, other: FileWork) -> FileWork:
    """Two parts of what was done to one file in a session, the earlier first."""
    if one is None:
        return other
    weight = [Did.CREATED, Did.DELETED, Did.RESTORED, Did.RENAMED, Did.CHANGED]
    did = min(one.did, other.did, key=weight.index)
    return FileWork(
        other.path if other.did is not Did.CHANGED else one.path,
        one.added + other.added,
        one.removed + other.removed,
        did,
        one.old_path or other.old_path,
    )
