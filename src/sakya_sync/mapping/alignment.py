"""Which parts of two sequences are the same, in bounded time and memory.

The shortest difference takes memory that grows with the product of the lengths. Where that is too
much, what stands once on each side parts the sequences first, as in a patience diff, and what
still is too long between two such anchors counts as different.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import Indel

CELLS_MAX: Final = 500_000_000
"""The product of two lengths that is compared at once; 64 MB and 20 ms at most."""
DEPTH_MAX: Final = 8


class Stretch(NamedTuple):
    """`old[old_start:old_end]` against `new[new_start:new_end]`, equal or not."""

    equal: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def aligned(old: Sequence[str], new: Sequence[str], *, cells_max: int = CELLS_MAX) -> list[Stretch]:
    """What is equal and what differs, by turns and in order; together it is both sequences.

    Args:
        cells_max: the largest product of two lengths to compare at once.
    """
    stretches: list[Stretch] = []
    at_old = at_new = 0
    for old_start, new_start, length in _joined(_matches(old, new, cells_max)):
        if (at_old, at_new) != (old_start, new_start):
            stretches.append(Stretch(False, at_old, old_start, at_new, new_start))
        at_old, at_new = old_start + length, new_start + length
        stretches.append(Stretch(True, old_start, at_old, new_start, at_new))
    if (at_old, at_new) != (len(old), len(new)):
        stretches.append(Stretch(False, at_old, len(old), at_new, len(new)))
    return stretches


def longest_rising(values: Sequence[int]) -> list[int]:
    """The indexes of a longest subsequence in which every value is larger than the one before."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for index, value in enumerate(values):
        place = bisect_left(tails, value)
        previous.append(ends[place - 1] if place else -1)
        if place == len(tails):
            tails.append(value)
            ends.append(index)
        else:
            tails[place], ends[place] = value, index
    chain: list[int] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chain.append(index)
        index = previous[index]
    return chain[::-1]


_Match = tuple[int, int, int]
_Range = tuple[int, int, int, int]


def _matches(old: Sequence[str], new: Sequence[str], cells_max: int) -> Iterator[_Match]:
    names: dict[str, int] = {}
    old_ids = [names.setdefault(part, len(names)) for part in old]
    new_ids = [names.setdefault(part, len(names)) for part in new]
    waiting: list[tuple[_Range | _Match, int]] = [((0, len(old), 0, len(new)), 0)]
    while waiting:
        piece, depth = waiting.pop()
        if len(piece) == 3:
            yield piece
            continue
        deeper = depth < DEPTH_MAX
        within = list(_step(old_ids, new_ids, piece, cells_max, deeper))
        waiting.extend((found, depth + 1) for found in reversed(within))


def _step(
    old: list[int], new: list[int], piece: _Range, cells_max: int, deeper: bool
) -> Iterator[_Range | _Match]:
    """What matches in that piece, and the pieces between that are still to be compared."""
    old_start, old_end, new_start, new_end = piece
    prefix = 0
    while old_start + prefix < old_end and new_start + prefix < new_end:
        if old[old_start + prefix] != new[new_start + prefix]:
            break
        prefix += 1
    if prefix:
        yield old_start, new_start, prefix
        old_start, new_start = old_start + prefix, new_start + prefix
    suffix = 0
    while old_start < old_end - suffix and new_start < new_end - suffix:
        if old[old_end - suffix - 1] != new[new_end - suffix - 1]:
            break
        suffix += 1
    old_end, new_end = old_end - suffix, new_end - suffix
    if (old_end - old_start) * (new_end - new_start) <= cells_max:
        yield from _shortest(old, new, (old_start, old_end, new_start, new_end))
    elif deeper:
        yield from _parted(old, new, (old_start, old_end, new_start, new_end))
    if suffix:
        yield old_end, new_end, suffix


def _shortest(old: list[int], new: list[int], piece: _Range) -> Iterator[_Match]:
    old_start, old_end, new_start, new_end = piece
    if old_start == old_end or new_start == new_end:
        return
    for code in Indel.opcodes(old[old_start:old_end], new[new_start:new_end]):
        if code.tag == "equal":
            start, end = code.src_start, code.src_end
            yield old_start + start, new_start + code.dest_start, end - start


def _parted(old: list[int], new: list[int], piece: _Range) -> Iterator[_Range | _Match]:
    old_start, old_end, new_start, new_end = piece
    often_old = Counter(old[old_start:old_end])
    often_new = Counter(new[new_start:new_end])
    places = {new[at]: at for at in range(new_start, new_end) if often_new[new[at]] == 1}
    once = [at for at in range(old_start, old_end) if often_old[old[at]] == 1 and old[at] in places]
    for index in longest_rising([places[old[at]] for at in once]):
        at_old = once[index]
        at_new = places[old[at_old]]
        yield old_start, at_old, new_start, at_new
        yield at_old, at_new, 1
        old_start, new_start = at_old + 1, at_new + 1
    if old_start != piece[0]:
        yield old_start, old_end, new_start, new_end


def _joined(matches: Iterator[_Match]) -> Iterator[_Match]:
    """Without empty matches, and with neighbours as one."""
    held: _Match | None = None
    for old, new, length in matches:
        if not length:
            continue
        if held and (held[0] + held[2], held[1] + held[2]) == (old, new):
            held = held[0], held[1], held[2] + length
            continue
        if held:
            yield held
        held = old, new, length
    if held:
        yield held
