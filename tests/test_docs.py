"""What the pages say is so: their tables, their links, their words."""

import re
from pathlib import Path

import pytest

from sakya_sync.linking.tables import LINKING
from sakya_sync.session.tables import LINK, MEMBER, ROOM, markdown

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def anchors(page: Path) -> set[str]:
    return set(re.findall(r"\{#([\w-]+)\}", page.read_text("utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        linked = (page.parent / path) if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_every_section_that_the_code_names_exists() -> None:
    named = set()
    for source in SOURCES:
        named |= set(re.findall(r"docs/(\w+\.md)#([\w-]+)", source.read_text("utf-8")))
    assert named
    missing = {
        (page, anchor) for page, anchor in named if anchor not in anchors(ROOT / "docs" / page)
    }
    assert not missing


def test_every_vector_that_the_code_names_exists() -> None:
    named = set()
    for source in SOURCES:
        named |= set(re.findall(r"vectors/[\w/]+(?:\.json)?", source.read_text("utf-8")))
    assert named
    assert not {path for path in named if not (ROOT / path).exists()}


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("link", markdown(LINK)),
        ("room", markdown(ROOM)),
        ("member", markdown(MEMBER)),
        ("linking", markdown(LINKING)),
    ],
)
def test_the_tables_are_those_of_the_code(name: str, table: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    shown = re.search(rf"<!-- table: {name} -->\n(.*?)\n<!-- /table -->", text, re.DOTALL)
    assert shown is not None
    assert shown[1] == table


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    words = re.findall(r"^- \*\*([^*]+)\*\*", text, re.MULTILINE)
    assert len(words) > 30
    assert words == sorted(set(words))
