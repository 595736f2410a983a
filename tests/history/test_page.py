import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from history.samples import FIRST_DAY, many, ms, novel, timelines
from sakya_sync.history.page import CHAPTERS_IN_A_PART, page
from sakya_sync.history.timeline import Chapter, Did, FileWork, Pin, Session, Timeline

VOID = {"meta", "link", "br", "img", "input", "hr"}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "]]> --> <!-- {{ 7 * 7 }} {% raw %}",
    "&amp; &lt;b&gt;",
    "\u202egnol\u202c مرحبا שלום",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "a\x00b\x1b[31mc\ud800\n<script>",
    "<" * 300,
    "長" * 300,
)


class Reader(HTMLParser):
    """What a browser would find: tags with their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.sheet = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.sheet += data
        else:
            self.text += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def named(name: str) -> Timeline:
    """A history in which everything that a person can name has that name."""
    began = ms(FIRST_DAY)
    work = FileWork(name, 3, 1, Did.RENAMED, name)
    sessions = tuple(Session(f"{name}{at}", began, began + 9, 0, (work,)) for at in range(2))
    pins = (Pin(name, False, began, name, name, 1, 1, 4),)
    return Timeline(name, sessions, pins, (Chapter(name, name, 4, 8),), 4)


SAMPLES = [novel(), Timeline("", (), (), (), 0), *map(named, HOSTILE)]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:20])
def test_a_name_is_text_and_never_markup(name: str) -> None:
    # The same elements with the same attributes, only with other words in them.
    plain, hostile = (Reader(page(named(n))) for n in ("a/b" if "/" in name else "a", name))
    assert [(tag, [*has]) for tag, has in hostile.tags] == [
        (tag, [*has]) for tag, has in plain.tags
    ]
    assert not [tag for tag, _ in hostile.tags if tag in {"script", "img"}]
    assert not [key for _, attributes in hostile.tags for key in attributes if key[:2] == "on"]
    assert not hostile.open
    page(named(name)).encode("utf-8")


@pytest.mark.parametrize("name", HOSTILE[:6], ids=lambda name: ascii(name)[:20])
def test_a_name_is_shown_as_it_is(name: str) -> None:
    assert Reader(page(named(name))).text.count(name) >= 4


def test_a_long_name_is_cut() -> None:
    assert "長" * 281 not in page(named("長" * 300))


@pytest.mark.parametrize("timeline", SAMPLES, ids=lambda timeline: ascii(timeline.project)[:20])
def test_the_page_leads_nowhere_else(timeline: Timeline) -> None:
    reader = Reader(page(timeline))
    for tag, attributes in reader.tags:
        assert tag not in {"script", "link", "iframe", "object", "embed", "img", "base", "form"}
        assert not {"src", "srcset", "action", "style", "ping", "background"} & attributes.keys()
        assert (attributes.get("href") or "#").startswith("#")
        if "http-equiv" not in attributes:
            assert all("url(" not in (v or "") or v == "url(#dots)" for v in attributes.values())
    assert "url(" not in reader.sheet
    assert "@import" not in reader.sheet


def test_the_page_names_no_address() -> None:
    assert not re.search(r"https?:|//\w", page(novel()))


@pytest.mark.parametrize("timeline", SAMPLES, ids=lambda timeline: ascii(timeline.project)[:20])
def test_the_policy_allows_the_style_sheet_and_nothing_else(timeline: Timeline) -> None:
    reader = Reader(page(timeline))
    (policy,) = [a["content"] for _, a in reader.tags if a.get("http-equiv")]
    digest = b64encode(sha256(reader.sheet.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_every_link_within_the_page_has_an_end() -> None:
    reader = Reader(page(novel()))
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {(attributes.get("href") or "#")[1:] for tag, attributes in reader.tags if tag == "a"}
    assert len(links) == 473
    labels = {a["aria-labelledby"] for _, a in reader.tags if "aria-labelledby" in a}
    assert labels | links <= set(ids)


def test_everything_that_was_counted_is_there() -> None:
    timeline = novel()
    words = Reader(page(timeline)).words
    added = sum(session.added for session in timeline.sessions)
    removed = sum(session.removed for session in timeline.sessions)
    for number in (timeline.words, added, removed):
        assert f"{number:,}" in words
    for pin in timeline.pins:
        assert pin.name in words
        assert pin.message in words
        assert f"{pin.words:,} words" in words
    for chapter in timeline.chapters:
        target = f" of {chapter.target_words:,}" if chapter.target_words else " words"
        assert f"{chapter.title} {chapter.words:,}{target}" in words
    for session in timeline.sessions:
        for work in session.files:
            assert work.path in words
        assert f"+{session.added:,}" in words
    assert "4 March 2023 to 1 March 2025" in words


def test_every_snapshot_can_be_reached_and_read_without_seeing_it() -> None:
    reader = Reader(page(novel()))
    labels = [a["aria-label"] or "" for tag, a in reader.tags if tag == "button"]
    assert len(labels) == 12
    assert labels[4].startswith("Snapshot First draft, ")
    assert re.search(r"2024, \d\d:\d\d: [\d,]+ words, 24 chapters, 42 files", labels[4])
    assert labels[4].strip().endswith("It has an end.")


def test_times_are_those_of_the_device_and_a_clock_that_is_off_is_told() -> None:
    began = ms(FIRST_DAY) + 3_600_000
    files = (FileWork("a.md", 3, 0, Did.DELETED),)
    good = Session("Ada", began, began + 60_000, 330, files)
    slow = replace(good, utc_offset_minutes=-60, clock_behind_seconds=7_260)
    fast = replace(good, clock_behind_seconds=-90_000)
    html = page(Timeline("p", (good, slow, fast), (), (), 9))
    words = Reader(html).words
    assert "06:30–06:31 +05:30" in words
    assert "00:00–00:01 -01:00" in words
    assert "its clock was 2 hours behind" in words
    assert "its clock was 1 day ahead" in words
    assert "a.md deleted" in words
    assert 'datetime="2023-03-04T06:30+05:30"' in html


@given(timelines)
@settings(max_examples=40)
def test_any_history_makes_a_whole_page(timeline: Timeline) -> None:
    reader = Reader(page(timeline))
    assert not reader.open
    assert [tag for tag, _ in reader.tags].count("h1") == 1


def test_a_long_history_makes_a_page_that_still_opens() -> None:
    html = page(many())
    assert len(html.encode()) < 3_000_000
    reader = Reader(html)
    assert "earlier sessions" in reader.text
    assert [tag for tag, _ in reader.tags].count("a") < 4000
    assert reader.text.count("Chapter ") == 1000
    parts = [attributes for _, attributes in reader.tags if attributes.get("class") == "part"]
    assert len(parts) == 1000 // CHAPTERS_IN_A_PART


def light_and_dark(sheet: str) -> list[dict[str, str]]:
    colours = [
        dict(re.findall(r"--([\w-]+): (#\w{6})", block))
        for block in re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    ]
    return [block for block in colours if "card" in block]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_words_stand_out_from_the_paper_by_day_and_by_night() -> None:
    schemes = light_and_dark(Reader(page(novel())).sheet)
    assert len(schemes) == 2
    for colours in schemes:
        for ground in ("paper", "card"):
            for ink in ("ink", "faint", "leaf", "rust"):
                assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        assert contrast(colours["on-rust"], colours["rust"]) >= 4.5
        assert contrast(colours["leaf"], colours["wash"]) >= 3
