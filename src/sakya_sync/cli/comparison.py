"""How two versions that are compared look in a terminal.

In colour, what was added is green and underlined, what was removed red and struck through, so that
colour is never all that tells them apart. Without colour, and where no terminal reads it, they
stand in marks: `[-removed-]{+added+}`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import environ
from shutil import get_terminal_size
from sys import stdout
from typing import TYPE_CHECKING, Final

from sakya_sync.history.compare import Block, BlockKind, FileComparison
from sakya_sync.history.excerpt import MINUS, Excerpt, Passage, Skipped, excerpts, in_words
from sakya_sync.history.paragraphs import Part
from sakya_sync.history.spans import Span, SpanKind

if TYPE_CHECKING:
    from rich.text import Text

WIDTH_MAX: Final = 96
"""Longer lines are hard to read, however wide the terminal."""
WIDTH_MIN: Final = 30
MARGIN: Final = 7
CONTEXT_LETTERS: Final = 160
SAME_LETTERS: Final = 480
"""Of a longer stretch without a change, the middle is left out."""
KEPT_LETTERS: Final = 160
GLIMPSE_LETTERS: Final = 48
SKIP: Final = "⋯"

_SIGNS: Final = {
    BlockKind.ADDED: "+",
    BlockKind.REMOVED: MINUS,
    BlockKind.CHANGED: "~",
    BlockKind.MOVED: "↕",
    BlockKind.LEFT: "↕",
}
_STYLES: Final = {SpanKind.ADDED: "green underline", SpanKind.REMOVED: "red strike"}
_MARKS: Final = {SpanKind.ADDED: ("{+", "+}"), SpanKind.REMOVED: ("[-", "-]")}
_SIGN_STYLES: Final = {"+": "green", MINUS: "red", "~": "yellow", "↕": "cyan"}


@dataclass(frozen=True, slots=True)
class Screen:
    """What the reader has.

    Args:
        width: in columns; None where lines are not to be wrapped.
    """

    width: int | None
    color: bool

    @classmethod
    def present(cls) -> "Screen":
        """Standard output, as it is."""
        if not stdout.isatty():
            return cls(None, False)
        width = max(WIDTH_MIN, min(WIDTH_MAX, get_terminal_size().columns))
        return cls(width, not environ.get("NO_COLOR") and environ.get("TERM") != "dumb")


def comparison_lines(files: Iterable[FileComparison], screen: Screen) -> Iterator[str]:
    """The files one after another, in lines to print."""
    for number, file in enumerate(files):
        if number:
            yield ""
        yield from _Sheet(screen).file(file)


class _Sheet:
    """Lines of one file."""

    def __init__(self, screen: Screen) -> None:
        from rich.color import ColorSystem
        from rich.console import Console

        self._screen = screen
        self._colors = ColorSystem.STANDARD if screen.color else None
        # It measures and styles; what is printed, and where, is the command's.
        self._console = Console(width=screen.width or WIDTH_MAX, legacy_windows=False)

    def file(self, file: FileComparison) -> Iterator[str]:
        yield self._styled(visible(file.path), "bold")
        yield self._styled(visible(in_words(file)), "dim")
        found_all = _moved_scenes_cut(excerpts(file.comparison) if file.comparison else [])
        if not any(isinstance(found, Passage) for found in found_all):
            return
        before: Excerpt | None = None
        for found in found_all:
            if not _close(before, found):
                yield ""
            if isinstance(found, Skipped):
                yield " " * MARGIN + self._styled(SKIP, "dim")
            else:
                yield from self._passage(found, isinstance(before, Passage))
            before = found

    def _passage(self, passage: Passage, after_another: bool) -> Iterator[str]:
        from rich.text import Text

        block = passage.block
        text = Text()
        if block.kind is BlockKind.LEFT:
            text.append(f"{passage.move}: ", "cyan")
            text.append(_glimpse(passage.spans), "dim")
        else:
            if passage.move:
                text.append(f"{passage.move}\n", "cyan")
            for span in _shortened(passage, after_another):
                self._append(text, span, block.kind is BlockKind.MOVED, passage.context)
        yield from self._beside(_margin(block), text)

    def _append(self, text: "Text", span: Span, moved: bool, context: bool) -> None:
        shown = visible(span.text)
        if span.kind is SpanKind.SAME:
            text.append(shown, "dim" if context else "cyan" if moved else "")
        elif self._screen.color:
            # Spaces at the ends are not underlined: the line would look cut off.
            bare = shown.strip(" ")
            begin = shown.index(bare)
            text.append(shown[:begin])
            text.append(bare, _STYLES[span.kind])
            text.append(shown[begin + len(bare) :])
        else:
            opening, closing = _MARKS[span.kind]
            text.append(f"{opening}{shown}{closing}")

    def _beside(self, margin: str, text: "Text") -> Iterator[str]:
        if self._screen.width is None:
            lines = list(text.split("\n", allow_blank=True))
        else:
            lines = list(text.wrap(self._console, self._screen.width - MARGIN))
        style = _SIGN_STYLES.get(margin[:1], "dim")
        for number, line in enumerate(lines):
            line.rstrip()
            beside = self._styled(margin, style) if number == 0 else " " * MARGIN
            yield (beside + self._rendered(line)).rstrip()

    def _styled(self, text: str, style: str) -> str:
        return self._console.get_style(style).render(text, color_system=self._colors)

    def _rendered(self, text: "Text") -> str:
        return "".join(
            segment.style.render(segment.text, color_system=self._colors)
            if segment.style
            else segment.text
            for segment in text.render(self._console)
        )


def visible(text: str) -> str:
    """With a mark for each character that would steer the terminal instead of being shown."""
    if text.isprintable():
        return text
    plain = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return "".join(
        letter if letter.isprintable() or letter == "\n" or letter in _SHOWN else _MARK
        for letter in plain
    )


_MARK: Final = "\N{REPLACEMENT CHARACTER}"
# Not printable by Python's notion, but of use to writers: spaces, joiners, marks of direction.
_SHOWN: Final = frozenset(
    "\u00a0\u00ad\u2002\u2003\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u202f\u2060\u3000"
)


def _margin(block: Block) -> str:
    sign = _SIGNS.get(block.kind, " ")
    here = "" if block.kind in (BlockKind.REMOVED, BlockKind.LEFT) else block.new
    return f"{sign}{here:>4}  "


def _moved_scenes_cut(found: Sequence[Excerpt]) -> list[Excerpt]:
    """Of many paragraphs that moved together unchanged, the first and the last."""
    cut: list[Excerpt] = []
    for at, one in enumerate(found):
        if not (_only_moved(one) and at + 1 < len(found) and _only_moved(found[at + 1])):
            cut.append(one)
        elif isinstance(one, Passage) and not (cut and isinstance(cut[-1], Skipped)):
            cut.append(Skipped((one.block,)))
    return cut


def _only_moved(found: Excerpt) -> bool:
    return (
        isinstance(found, Passage)
        and found.block.kind is BlockKind.MOVED
        and not found.together
        and not found.block.changed
    )


def _close(before: Excerpt | None, found: Excerpt) -> bool:
    """Whether no blank line stands between them, as between lines of front matter."""
    return _matter(before) and _matter(found)


def _matter(found: Excerpt | None) -> bool:
    if isinstance(found, Skipped):
        return found.blocks[-1].part is Part.MATTER
    return found is not None and found.block.part is Part.MATTER


def _shortened(passage: Passage, after_another: bool) -> Iterator[Span]:
    last = len(passage.spans) - 1
    for number, span in enumerate(passage.spans):
        if passage.context:
            # Before a change its end is read, after a change its beginning.
            text = span.text
            if len(text) > CONTEXT_LETTERS:
                text = (
                    _begin(text, CONTEXT_LETTERS) if after_another else _end(text, CONTEXT_LETTERS)
                )
            yield Span(span.kind, text)
        elif span.kind is SpanKind.SAME and len(span.text) > SAME_LETTERS:
            begin = "" if number == 0 and last else _begin(span.text, KEPT_LETTERS)
            end = "" if number == last and last else _end(span.text, KEPT_LETTERS)
            yield Span(
                span.kind,
                f"{begin}{' ' * bool(begin and end)}{end}".replace(f"{SKIP} {SKIP}", SKIP),
            )
        else:
            yield span


def _begin(text: str, letters: int) -> str:
    cut = text.rfind(" ", 0, letters)
    return text[: cut if cut > 0 else letters].rstrip() + f" {SKIP}"


def _end(text: str, letters: int) -> str:
    cut = text.find(" ", len(text) - letters)
    return f"{SKIP} " + text[cut if cut > 0 else len(text) - letters :].lstrip()


def _glimpse(spans: Sequence[Span]) -> str:
    text = " ".join(visible("".join(span.text for span in spans)).split())
    return text if len(text) <= GLIMPSE_LETTERS else _begin(text, GLIMPSE_LETTERS)
