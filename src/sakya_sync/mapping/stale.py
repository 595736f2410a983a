"""Which base a save was made from, where a program may not have looked at the file since.

Many writing apps read a file once and save their whole window again and again. What others wrote
meanwhile, and this device put into the file, is not in that window: compared with what the file
held a moment ago the save looks like its deletion. Compared with what the program had read, it is
what the writer typed, and nothing else.
"""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from sakya_sync.mapping.bases import Earlier
from sakya_sync.mapping.diff import text_distance

LIVE_MAX: Final = 8
SUPERSEDED_MAX: Final = 4


class Read(Enum):
    """Whether any program has read a file since this device wrote it."""

    YES = auto()
    NO = auto()
    UNKNOWN = auto()


def choose_base(
    new: str, current: str, earlier: Sequence[tuple[Earlier, str]], read: Read
) -> Earlier | None:
    """The earlier base that a save was made from; None for the current one.

    What cannot be decided is decided such that no word is lost: in doubt a save is that of a
    program which has not looked.

    Args:
        new: what was saved.
        current: what the file held before.
        earlier: what it held before that, oldest first.
        read: whether anybody has seen `current`.
    """
    best: Earlier | None = None
    best_text, cost = current, text_distance(current, new)
    live = [(text_distance(text, new), base, text) for base, text in earlier if not base.superseded]
    if live:
        # Of equal ones the newest.
        other, base, text = min(reversed(live), key=lambda item: item[0].total)
        # What holds every word that is there, and is nearer to it, takes nothing away.
        looked = not cost.gone and cost.total <= other.total
        unseen = read is Read.NO
        # Who has seen what came, and saves the file without it and with nothing new, has deleted
        # it. Who adds words as well may not have seen it: something else reads files too, to index
        # them or to back them up.
        meant = read is Read.YES and not other.come
        if not looked and (unseen or (other.total < cost.total and not meant)):
            best, best_text, cost = base, text, other
    # A second program may have the file open, and have an older state of it in its window: it
    # added words, took none, and has nothing that has come since.
    for base, text in earlier:
        if not base.superseded or text == best_text:
            continue
        other = text_distance(text, new)
        added_only = other.come > 0 and not other.gone
        if added_only and other.total < cost.total and cost.come >= other.come:
            best, cost = base, other
    return best


def written_by_us(earlier: Sequence[Earlier], before: bytes, read: Read) -> tuple[Earlier, ...]:
    """The earlier bases once this device has written the file.

    Args:
        before: the frontier of the base until now.
        read: whether anybody has seen that.
    """
    # What this device had written, and nobody has read, is in no window. Without a live one before
    # it, it may be what a program has saved.
    if read is Read.NO and any(not base.superseded for base in earlier):
        return tuple(earlier)
    kept = [base for base in earlier if base.frontier != before]
    return _bounded([*kept, Earlier(before)])


def saved_by_a_program(
    earlier: Sequence[Earlier], before: bytes, chosen: Earlier | None
) -> tuple[Earlier, ...]:
    """The earlier bases once a program has saved the file.

    Args:
        before: the frontier of the base until now.
        chosen: what `choose_base` said; whoever had that in a window has what was saved there now.
    """
    source = before if chosen is None else chosen.frontier
    frontiers = dict.fromkeys([*(base.frontier for base in earlier), before])
    return _bounded(
        [Earlier(frontier, superseded=True) for frontier in frontiers if frontier != source]
    )


def _bounded(earlier: Sequence[Earlier]) -> tuple[Earlier, ...]:
    superseded = [base for base in earlier if base.superseded][-SUPERSEDED_MAX:]
    live = [base for base in earlier if not base.superseded]
    # The first live one is what a program has saved, so that it is in a window for certain.
    if len(live) > LIVE_MAX:
        live = [live[0], *live[len(live) - LIVE_MAX + 1 :]]
    return (*superseded, *live)
