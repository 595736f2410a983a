"""A comparison of two versions as one HTML page that needs nothing beside it.

Everything that a person wrote is escaped, and cleaned of what no screen should be sent; the page's
Content-Security-Policy allows its one style sheet and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sakya_sync.history import phrases
from sakya_sync.history.compare import FileComparison
from sakya_sync.history.excerpt import Excerpt, Passage, Skipped, excerpts, in_words, unit
from sakya_sync.history.paper import paper, sheet_hash

if TYPE_CHECKING:
    from jinja2 import Environment

NAME_MOST: Final = 120
GLIMPSE_MOST: Final = 90
SAME_LETTERS_MAX: Final = 3_000_000
"""In a page of more letters, what is the same is left out instead of folded away."""


def comparison_page(project: str, old: str, new: str, files: Sequence[FileComparison]) -> str:
    """The whole page.

    Args:
        project: its name, or nothing.
        old: what to call the earlier version, as 'first draft' or 'Friday 20 November 2026, 14:30'.
        new: the same of the later one.
    """
    environment = _environment()
    sheet = environment.get_template("comparison.css").render()
    compared = [file.comparison for file in files if file.comparison]
    letters = sum(
        len(span.text) for one in compared for block in one.blocks for span in block.spans
    )
    return environment.get_template("comparison.html").render(
        project=project,
        old=old,
        new=new,
        files=files,
        sheet=sheet,
        sheet_hash=sheet_hash(sheet),
        added=sum(one.words_added for one in compared),
        removed=sum(one.words_removed for one in compared),
        moved=sum(one.paragraphs_moved for one in compared),
        with_same=letters <= SAME_LETTERS_MAX,
    )


def _environment() -> Environment:
    environment = paper(_clean)
    environment.filters |= {
        "name": lambda text: phrases.shortened(phrases.clean(text), NAME_MOST),
        "in_words": in_words,
        "excerpts": _excerpts,
        "glimpse": _glimpse,
        "same": _same,
    }
    environment.tests["skipped"] = lambda found: isinstance(found, Skipped)
    return environment


def _clean(text: str) -> str:
    """Cleaned line by line: paragraphs have lines of their own."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(map(phrases.clean, lines))


def _excerpts(file: FileComparison) -> list[Excerpt]:
    found = excerpts(file.comparison) if file.comparison else []
    return found if any(isinstance(one, Passage) for one in found) else []


def _glimpse(passage: Passage) -> str:
    text = phrases.clean("".join(span.text for span in passage.spans)).strip()
    if len(text) <= GLIMPSE_MOST:
        return text
    cut = text.rfind(" ", 0, GLIMPSE_MOST)
    return phrases.shortened(text, cut + 1 if cut > 0 else GLIMPSE_MOST)


def _same(skipped: Skipped) -> str:
    """'7 lines and 12 paragraphs are the same'."""
    units = [unit(block) for block in skipped.blocks]
    told = " and ".join(phrases.counted(units.count(one), one) for one in dict.fromkeys(units))
    return f"{told} {'is' if len(units) == 1 else 'are'} the same"
