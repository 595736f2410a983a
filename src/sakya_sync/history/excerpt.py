"""What of a comparison a person is shown: what changed, with a little of what stands around it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from sakya_sync.history.compare import Block, BlockKind, Comparison, FileComparison
from sakya_sync.history.paragraphs import Part
from sakya_sync.history.spans import Span, SpanKind, blank_line, joined

PILCROW: Final = "¶"
"""Stands for a blank line that came or went within what was one paragraph."""
MINUS: Final = "\N{MINUS SIGN}"
CONTEXT: Final = 1

_MOVES: Final = frozenset({BlockKind.MOVED, BlockKind.LEFT})
_QUIET: Final = frozenset({BlockKind.SAME, BlockKind.RESPACED})


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph, to be shown.

    Args:
        spans: without the line breaks at its end, and without changes that only space it anew.
        context: whether it is shown for the sake of its neighbour.
        together: of paragraphs that moved as one, how many they are at the first, and 0 at the
            others.
    """

    block: Block
    spans: tuple[Span, ...]
    context: bool
    together: int = 1

    @property
    def needless(self) -> bool:
        """Whether another passage has told already that it left."""
        return self.block.kind is BlockKind.LEFT and not self.together

    @property
    def move(self) -> str:
        """'moved from paragraph 6, and changed', 'moved to paragraphs 11 to 14', or nothing."""
        block, there = self.block, self.block.old
        if block.kind not in _MOVES or there is None or block.new is None:
            return ""
        way = "from"
        if block.kind is BlockKind.LEFT:
            way, there = "to", block.new
        changed = "changed" if block.changed and block.kind is BlockKind.MOVED else ""
        if not self.together:
            return changed
        place = f"{unit(block)} {there}"
        if self.together > 1:
            place = f"{unit(block)}s {there} to {there + self.together - 1}"
        return f"moved {way} {place}" + (f", and {changed}" if changed else "")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Paragraphs between two passages that are the same."""

    blocks: tuple[Block, ...]

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All of them, for who wants to see them."""
        return tuple(Passage(block, _legible(block.spans), True) for block in self.blocks)


Excerpt: TypeAlias = Passage | Skipped


def excerpts(comparison: Comparison, context: int = CONTEXT) -> list[Excerpt]:
    """What changed, `context` paragraphs around it, and what was skipped; without blank blocks.

    Of paragraphs that left together the first stands for all.
    """
    blocks = [block for block in comparison.blocks if any(s.text.strip() for s in block.spans)]
    loud = [index for index, block in enumerate(blocks) if block.kind not in _QUIET]
    near: set[int] = set()
    for index in loud:
        near.update(range(index - context, index + context + 1))
    found: list[Excerpt] = []
    skipped: list[Block] = []
    for index, block in enumerate(blocks):
        # To skip a single paragraph would take as much room as to show it.
        if index not in near and not (index - 1 in near and index + 1 in near):
            skipped.append(block)
            continue
        if skipped:
            found.append(Skipped(tuple(skipped)))
            skipped = []
        found.append(Passage(block, _legible(block.spans), block.kind in _QUIET))
    if skipped:
        found.append(Skipped(tuple(skipped)))
    return _moved_together(found)


def in_words(file: FileComparison) -> str:
    """What became of a file, in a few words: 'new, +45 words', '2 paragraphs moved'."""
    told = list(_about_the_file(file))
    comparison = file.comparison
    if comparison is None:
        return ", ".join([*told, "not text"])
    counts = [
        f"{sign}{count:,}"
        for sign, count in (("+", comparison.words_added), (MINUS, comparison.words_removed))
        if count
    ]
    if counts:
        told.append(
            f"{' '.join(counts)} {'word' if counts in (['+1'], [MINUS + '1']) else 'words'}"
        )
    told += _about_lines(comparison)
    if moved := sum(b.kind is BlockKind.MOVED and b.part is Part.BODY for b in comparison.blocks):
        told.append(f"{_counted(moved, 'paragraph')} moved")
    if comparison.respaced_only:
        told.append("only spaces and line breaks changed")
    return ", ".join(told) or ("the same" if comparison.same else "no words changed")


def unit(block: Block) -> str:
    """What the numbers of a block count."""
    return "line" if block.part is Part.MATTER else "paragraph"


def _moved_together(found: list[Excerpt]) -> list[Excerpt]:
    first = 0
    for at, passage in enumerate(found):
        if not isinstance(passage, Passage) or passage.block.kind not in _MOVES:
            continue
        before = found[at - 1] if at else None
        if isinstance(before, Passage) and _follows(before.block, passage.block):
            leader = found[first]
            assert isinstance(leader, Passage)
            found[first] = replace(leader, together=leader.together + 1)
            found[at] = replace(passage, together=0)
        else:
            first = at
    return [one for one in found if not (isinstance(one, Passage) and one.needless)]


def _follows(before: Block, after: Block) -> bool:
    """Whether both stood, and stand, one right after the other."""
    if before.kind is not after.kind or before.old is None or before.new is None:
        return False
    return (before.old + 1, before.new + 1) == (after.old, after.new)


def _about_the_file(file: FileComparison) -> Iterator[str]:
    if file.old_path is None:
        yield "new"
    elif file.new_path is None:
        yield "removed"
    elif file.renamed:
        yield f"was {file.old_path}"


def _about_lines(comparison: Comparison) -> Iterator[str]:
    """Of front matter that it changed; of a file of data how many lines did."""
    matter = [b.kind for b in comparison.blocks if b.part is Part.MATTER and b.kind not in _QUIET]
    if any(b.part is Part.BODY and (b.old or b.new) for b in comparison.blocks):
        if matter:
            yield "front matter changed"
        return
    moved = matter.count(BlockKind.MOVED)
    if changed := len(matter) - moved - matter.count(BlockKind.LEFT):
        yield f"{_counted(changed, 'line')} changed"
    if moved:
        yield f"{_counted(moved, 'line')} moved"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _legible(spans: Sequence[Span]) -> tuple[Span, ...]:
    shown: list[Span] = []
    for at, span in enumerate(spans):
        if span.kind is SpanKind.SAME or span.text.strip():
            shown.append(span)
        elif at + 1 < len(spans) and blank_line(span.text):
            after = "\n\n" if span.kind is SpanKind.ADDED else " "
            shown += [Span(span.kind, PILCROW), Span(SpanKind.SAME, after)]
        elif span.kind is SpanKind.ADDED:
            shown.append(Span(SpanKind.SAME, span.text))
    while shown and not (rest := shown[-1].text.rstrip("\r\n")):
        shown.pop()
    if shown:
        shown[-1] = Span(shown[-1].kind, rest)
    return joined(shown)
