import re
from dataclasses import replace
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from history.samples import many, novel, timelines
from sakya_sync.cli.chart import WIDTH_LEAST, WIDTH_MOST, can_write, chart, chart_here, wants_colour
from sakya_sync.history.timeline import Timeline

COLOUR = re.compile(r"\x1b\[[\d;]*m")
BLOCKS = " ▁▂▃▄▅▆▇█"


def plain(timeline: Timeline, width: int = 80, *, unicode: bool = True) -> list[str]:
    return chart(timeline, width=width, unicode=unicode, colour=False).split("\n")


def heights(lines: list[str], columns: slice) -> list[int]:
    """How high the area is in each column, in eighths of a line."""
    rows = [line.partition("┤" if "┤" in line else "│")[2].ljust(200) for line in lines[:13]]
    return [sum(max(0, BLOCKS.find(row[at])) for row in rows) for at in range(200)[columns]]


@given(timelines, st.integers(0, 150), st.booleans(), st.booleans())
def test_no_line_is_wider_than_the_terminal(
    timeline: Timeline, width: int, unicode: bool, colour: bool
) -> None:
    text = chart(timeline, width=width, unicode=unicode, colour=colour)
    for line in COLOUR.sub("", text).split("\n"):
        assert cell_len(line) <= min(max(width, WIDTH_LEAST), WIDTH_MOST)
        assert not [letter for letter in line if category(letter) in {"Cc", "Cs"}]


@pytest.mark.parametrize("width", [30, 47, 80, 120])
def test_the_chart_fills_the_width(width: int) -> None:
    assert max(map(cell_len, plain(novel(), width)[:13])) == width


def test_the_area_is_as_high_as_the_words_are_many() -> None:
    timeline = novel()
    lines = plain(timeline, 80)
    assert lines[0].startswith("120,000 ┤")
    assert lines[12].startswith("      0 ┤")
    (end,) = heights(lines, slice(70, 71))
    assert abs(end - timeline.words / 120_000 * 12 * 8) <= 1
    rising = heights(lines, slice(0, 28))
    assert rising == sorted(rising)
    assert rising[0] < 3


def test_dates_and_snapshots_are_named() -> None:
    timeline = novel()
    text = "\n".join(plain(timeline, 100))
    for label in ("Apr 2023", "Jul", "Oct", "2024", "2025", "◇ 1 automatic"):
        assert label in text
    for pin in timeline.pins:
        if not pin.automatic:
            assert re.search(rf"\d+ .* \d+ \w+ 202\d +{pin.words:,}  {pin.name}\n", f" {text}\n")
    on_the_curve = " ".join(line[9:] for line in plain(timeline, 100)[:13])
    assert {str(number) for number in range(1, 12)} <= set(re.findall(r"\d+", on_the_curve))
    assert "◇" in on_the_curve


def test_the_latest_of_many_snapshots_are_named_and_the_rest_counted() -> None:
    lines = plain(many(), 120)
    assert lines[-1] == " 152 earlier snapshots, ◇ 333 automatic"
    assert lines[-2].endswith("Snapshot 498")
    assert len(lines) == 13 + 3 + 15 + 1


def test_ascii_is_enough_for_everything() -> None:
    timeline = novel()
    pins = tuple(replace(pin, name="Straße, 長い, …") for pin in timeline.pins)
    text = "\n".join(plain(replace(timeline, pins=pins), unicode=False))
    assert text.isascii()
    assert "Stra?e" in text
    assert "::::" in text


def test_a_name_sends_the_terminal_nothing_but_letters() -> None:
    timeline = novel()
    pins = tuple(replace(pin, name="a\x1b[31m\r\nb\u202ec") for pin in timeline.pins)
    text = "\n".join(plain(replace(timeline, pins=pins)))
    assert "a�[31m b�c\n" in text
    assert "\x1b" not in text


def test_colour_changes_no_letter() -> None:
    coloured = chart(novel(), width=80, unicode=True, colour=True)
    assert COLOUR.search(coloured)
    assert COLOUR.sub("", coloured).split("\n") == plain(novel())


def test_a_project_without_a_session_says_so() -> None:
    assert plain(Timeline("p", (), (), (), 0)) == ["Nothing has been written yet."]


def test_a_terminal_is_sent_only_what_it_can_show() -> None:
    assert can_write("▁█└◇…", "utf-8")
    assert not can_write("▁█└◇…", "latin-1")
    assert not can_write("▁█└◇…", None)
    assert not can_write("▁█└◇…", "no such encoding")
    assert can_write("abc", None)


def test_colours_are_for_terminals_whose_user_has_nothing_against_them() -> None:
    assert wants_colour({}, terminal=True)
    assert wants_colour({"NO_COLOR": ""}, terminal=True)
    assert not wants_colour({"NO_COLOR": "1"}, terminal=True)
    assert not wants_colour({}, terminal=False)


def test_no_colour_goes_where_no_terminal_is() -> None:
    assert not COLOUR.search(chart_here(novel(), {}))
