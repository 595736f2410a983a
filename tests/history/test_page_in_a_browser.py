"""The page as a reader has it, in a real browser."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from history.browser import CHROMIUM, Browser, browser
from history.samples import many, novel
from history.test_page import HOSTILE, named
from sakya_sync.history.page import page
from sakya_sync.history.timeline import Timeline

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]

FOCUSED_TIP = "getComputedStyle(document.activeElement.querySelector('.tip')).visibility"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def written(folder: Path, html: str) -> Path:
    path = folder / "page.html"
    path.write_text(html, "utf-8", newline="\n")
    return path


def hostile() -> Timeline:
    """A novel in which every hostile name is that of something, pins close to both edges."""
    real, strange = novel(), [named(name) for name in HOSTILE]
    sessions = [
        replace(session, author=other.sessions[0].author, files=other.sessions[0].files)
        for session, other in zip(real.sessions[-len(strange) :], strange, strict=True)
    ]
    pins = [
        replace(other.pins[0], at_ms=real.sessions[at * 48].ended_ms)
        for at, other in enumerate(strange)
    ]
    chapters = tuple(other.chapters[0] for other in strange)
    shown = (*real.sessions[: -len(strange)], *sessions)
    return replace(real, project="長" * 300, sessions=shown, pins=tuple(pins), chapters=chapters)


def test_the_page_loads_itself_and_nothing_else(reader: Browser, tmp_path: Path) -> None:
    path = written(tmp_path, page(hostile()))
    reader.open(path, width=1280)
    assert reader.value("document.querySelectorAll('.pin').length") > 5
    assert reader.loaded == [path.as_uri()]
    assert reader.complaints == []


def test_the_policy_keeps_out_whatever_gets_in(reader: Browser, tmp_path: Path) -> None:
    planted = "<script>document.title = 'planted'</script><p style='color: red' id='planted'>x"
    html = page(novel()).replace("<main>", f"<main>{planted}<img src='http://127.0.0.1:9/x'>")
    reader.open(written(tmp_path, html), width=1280)
    assert reader.value("document.title") == "The Salt Road: the history of its writing"
    colours = "getComputedStyle(document.{}).color"
    assert reader.value(colours.format("getElementById('planted')")) == reader.value(
        colours.format("body")
    )
    assert len(reader.complaints) >= 3


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_screen(reader: Browser, tmp_path: Path, width: int) -> None:
    for timeline in (novel(), hostile()):
        reader.open(written(tmp_path, page(timeline)), width=width)
        reader.value("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert reader.value("document.documentElement.scrollWidth") <= width


def test_night_is_dark_and_day_is_light(reader: Browser, tmp_path: Path) -> None:
    path = written(tmp_path, page(novel()))
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    reader.open(path, width=1280)
    assert reader.value(paper) == "rgb(252, 251, 248)"
    reader.open(path, width=1280, dark=True)
    assert reader.value(paper) == "rgb(25, 24, 22)"


def test_a_snapshot_tells_of_itself_to_the_keyboard(reader: Browser, tmp_path: Path) -> None:
    reader.open(written(tmp_path, page(novel())), width=1280)
    reader.press("Tab")
    assert reader.value(FOCUSED_TIP) == "visible"
    assert reader.value("document.activeElement.innerText").split("\n")[1] == "Outline done"
    for _ in range(11):
        reader.press("Tab")
    assert reader.value("document.activeElement.innerText").split("\n")[1] == "To the editor"
    reader.press("Tab")
    assert reader.value("document.activeElement.tagName") == "SUMMARY"
    reader.press("Enter")
    assert reader.value("document.activeElement.parentElement.open") is False


@pytest.mark.parametrize("width", [390, 1280])
def test_a_snapshot_tells_of_itself_where_it_can_be_read(
    reader: Browser, tmp_path: Path, width: int
) -> None:
    reader.open(written(tmp_path, page(hostile())), width=width)
    count = reader.value("document.querySelectorAll('.pin').length")
    for at in range(count):
        reader.value(f"document.querySelectorAll('.pin')[{at}].focus()")
        assert reader.value(FOCUSED_TIP) == "visible"
        left, right = reader.value(
            "(r => [r.left, r.right])"
            "(document.activeElement.querySelector('.tip').getBoundingClientRect())"
        )
        assert 0 <= left < right <= width


def test_a_click_on_a_day_leads_to_its_sessions(reader: Browser, tmp_path: Path) -> None:
    reader.open(written(tmp_path, page(novel())), width=1280)
    assert not reader.value("document.getElementById('d2023-03-04').checkVisibility()")
    reader.click("a[href='#d2023-03-04']")
    assert reader.value("location.hash") == "#d2023-03-04"
    assert reader.value("document.getElementById('d2023-03-04').closest('details').open")


def test_a_long_history_opens(reader: Browser, tmp_path: Path) -> None:
    reader.open(written(tmp_path, page(many())), width=390)
    assert reader.value("document.querySelectorAll('.chapters li').length") == 1000
    assert reader.value("document.documentElement.scrollWidth") <= 390
    assert reader.complaints == []
