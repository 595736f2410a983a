"""Times that cannot contradict what came after what.

Nothing vouches for a device's clock, so causes are believed before clocks: a change is never dated
before one that its author knew of. Where one author's own times contradict each other, the fewest
that have to be wrong are taken to be wrong.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sakya_sync.ids import AuthorId, PeerId
from sakya_sync.mapping.alignment import longest_rising
from sakya_sync.replica.commits import Commit


@dataclass(frozen=True, slots=True)
class Dated:
    """A commit, with when it can have been made."""

    commit: Commit
    author: AuthorId | None
    """None for what nobody has put a name to: a file's first operations."""
    at_s: int
    """Seconds since 1970; never before anything that its author knew of."""

    @property
    def behind_s(self) -> int:
        """How far its author's clock was behind, as far as that shows; negative if ahead."""
        stamp = self.commit.stamp
        return 0 if stamp is None else self.at_s - stamp.at_s

    @property
    def utc_offset_minutes(self) -> int:
        """How far its author's local time was ahead of UTC."""
        stamp = self.commit.stamp
        return 0 if stamp is None else stamp.utc_offset_minutes


def date(
    commits: Sequence[Commit],
    author_of: Callable[[PeerId], AuthorId | None],
    began_s: int,
    now_s: int,
) -> list[Dated]:
    """Give every commit of a document its time.

    Args:
        commits: causes before what follows from them.
        began_s: when the document was begun, for what carries no time.
        now_s: nothing was made later.
    Returns: the same commits, by time; still causes first.
    """
    chains: dict[AuthorId | None, list[int]] = {}
    for place, commit in enumerate(commits):
        if commit.stamp is not None:
            chains.setdefault(author_of(commit.span.peer), []).append(place)
    told = [began_s if commit.stamp is None else commit.stamp.at_s for commit in commits]
    for places in chains.values():
        for place, time in zip(places, _agreeing([told[place] for place in places]), strict=True):
            told[place] = time
    known = _Known()
    dated: list[Dated] = []
    for commit, time in zip(commits, told, strict=True):
        at_s = max(min(time, now_s), known.latest(commit))
        known.add(commit, at_s)
        dated.append(Dated(commit, author_of(commit.span.peer), at_s))
    # Stable, and causes are never later: what comes first stays first.
    dated.sort(key=lambda item: item.at_s)
    return dated


class _Known:
    """The times of what has been dated, by peer; they only grow along a peer."""

    def __init__(self) -> None:
        self._ends: dict[PeerId, list[int]] = {}
        self._times: dict[PeerId, list[int]] = {}

    def add(self, commit: Commit, at_s: int) -> None:
        self._ends.setdefault(commit.span.peer, []).append(commit.span.end)
        self._times.setdefault(commit.span.peer, []).append(at_s)

    def latest(self, commit: Commit) -> int:
        """The time of the last thing that its author knew of."""
        latest = 0
        own = self._times.get(commit.span.peer)
        if own:
            latest = own[-1]
        for peer, end in commit.before.items():
            ends = self._ends.get(peer)
            if ends:
                count = bisect_right(ends, end)
                if count:
                    latest = max(latest, self._times[peer][count - 1])
        return latest


def _agreeing(times: Sequence[int]) -> list[int]:
    """The same times, but for the fewest that must be wrong for them to never go back.

    A wrong one becomes that of the last right one before it, or else of the first after it.
    """
    # Equal times may follow one another: their places tell them apart.
    right = longest_rising([time * len(times) + place for place, time in enumerate(times)])
    if len(right) == len(times):
        return list(times)
    kept = iter([*right, None])
    following = next(kept)
    last = times[right[0]]
    corrected = []
    for place, time in enumerate(times):
        if place == following:
            last, following = time, next(kept)
        corrected.append(last)
    return corrected
