import os
import re
import subprocess
import sys
from unicodedata import east_asian_width

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakya_sync.cli.comparison import Screen, comparison_lines, visible
from sakya_sync.history.compare import FileComparison, compare
from sakya_sync.history.words import Layout

PIPE = Screen(None, False)
OLD = """---
title: The Salt Road
status: draft
---

It rained.

The salt has to be weighed twice before it leaves the yard.

Nobody asked why the ledgers of both towns always agreed.

In spring the ford was too high to cross for nine days.

Then it was summer.

The mules were sold.
"""
NEW = """---
title: The Salt Road
status: final
---

It rained.

Nobody asked why the ledgers of both towns never agreed.

The salt has to be weighed three times before it leaves the yard.

In spring the ford was too high to cross for nine days.

Then it was summer.

The mules were sold. The carts were burnt.
"""


def shown(old: str, new: str, screen: Screen = PIPE, path: str = "ford.md") -> str:
    file = FileComparison(path, path, compare(old, new))
    return "\n".join(comparison_lines([file], screen)) + "\n"


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_a_pipe_gets_marks() -> None:
    assert shown(OLD, NEW) == (
        """ford.md
+7 −2 words, front matter changed, 1 paragraph moved

       ⋯
    2  title: The Salt Road
~   3  status: [-draft-]{+final+}
    4  ---

    1  It rained.

↕      moved to paragraph 3: The salt has to be weighed twice before it ⋯

~   2  Nobody asked why the ledgers of both towns [-always-]{+never+} agreed.

↕   3  moved from paragraph 2, and changed
       The salt has to be weighed [-twice-]{+three times+} before it leaves the yard.

    4  In spring the ford was too high to cross for nine days.

    5  Then it was summer.

~   6  The mules were sold.{+ The carts were burnt.+}
"""
    )


def test_a_terminal_gets_colours_that_are_never_all_there_is() -> None:
    text = shown(OLD, NEW, Screen(60, True))
    assert "\x1b[9;31mtwice\x1b[0m\x1b[4;32mthree times\x1b[0m" in text
    assert "[-" not in text
    assert "\x1b[36mmoved from paragraph 2" in text


@pytest.mark.parametrize("width", [30, 50, 96])
def test_lines_fit_the_terminal_whatever_they_are_written_in(width: int) -> None:
    old = "塩は二度量らなければならない。" * 9 + " " + "salt road " * 40 + "e\u0301te\u0301 " * 30
    new = old.replace("二度", "三度").replace("road", "ford")
    for line in plain(shown(old, new, Screen(width, True))).splitlines()[2:]:
        columns = sum(
            0 if letter == "\u0301" else 2 if east_asian_width(letter) in "WF" else 1
            for letter in line
        )
        assert columns <= width


def test_words_are_wrapped_whole() -> None:
    text = plain(shown(OLD, NEW, Screen(40, True)))
    assert all(word in text.split() for word in ("weighed", "leaves", "nine", "summer."))


def test_of_long_paragraphs_the_change_is_shown_with_what_is_near_it() -> None:
    long = " ".join(f"word{number}" for number in range(400))
    text = shown(long, long.replace("word200", "other"))
    assert "[-word200-]{+other+}" in text
    assert "word199 " in text
    assert " word201" in text
    assert "word10 " not in text
    assert "word390" not in text
    assert text.count("⋯") == 2


def test_of_a_scene_that_moved_the_first_paragraph_and_the_last_are_shown() -> None:
    words = ("first", "third", "ninth", "last")
    scene = [f"In the {word} year the ford was too high." for word in words]
    rest = [f"Paragraph {number} tells of a day on the road." for number in range(1, 9)]
    text = shown("\n\n".join([*scene, *rest]), "\n\n".join([*rest, *scene]))
    assert text.endswith(
        """
↕   9  moved from paragraphs 1 to 4
       In the first year the ford was too high.

       ⋯

↕  12  In the last year the ford was too high.
"""
    )


def test_files_are_told_apart_and_those_without_a_change_in_words_take_two_lines() -> None:
    files = [
        FileComparison(None, "new.md", compare("", "Salt.\n")),
        FileComparison("old.md", "road.md", compare("Same.\n", "Same.\n")),
        FileComparison("map.png", "map.png", None),
        FileComparison("gone.yaml", None, compare("a: 1\n", "", Layout.DATA)),
    ]
    assert "\n".join(comparison_lines(files, PIPE)) == (
        """new.md
new, +1 word

+   1  {+Salt.+}

road.md
was old.md

map.png
not text

gone.yaml
removed, 1 line changed

−      [-a: 1-]"""
    )


def test_no_text_and_no_name_can_steer_the_terminal() -> None:
    bad = "\x1b]0;title\x07 \x9b2J \x1b[31m \u202edlos \x00\x7f\u2028"
    for screen in (PIPE, Screen(40, False), Screen(40, True)):
        text = shown(f"Salt. {bad}", f"Road. {bad} more", screen, path=f"a{bad}.md")
        assert not [letter for letter in plain(text) if not letter.isprintable() and letter != "\n"]


@given(st.text(max_size=20))
def test_visible_text_keeps_what_can_be_printed(text: str) -> None:
    assert [c for c in visible(text) if c.isprintable() and c not in "\ufffd "] == [
        c for c in text if c.isprintable() and c not in "\ufffd "
    ]


@settings(max_examples=30)
@given(st.text(max_size=60), st.text(max_size=60), st.integers(30, 60), st.booleans())
def test_any_two_texts_can_be_shown(old: str, new: str, width: int, color: bool) -> None:
    assert shown(old, new, Screen(width, color)).startswith(("ford.md\n", "\x1b[1mford.md"))


def test_standard_output_that_is_no_terminal_is_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert Screen.present() == PIPE


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
@pytest.mark.parametrize(
    ("settings", "color"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
@pytest.mark.parametrize(("columns", "width"), [(20, 30), (70, 70), (300, 96)])
def test_a_terminal_is_asked_how_wide_it_is_and_whether_it_has_colour(
    settings: dict[str, str], color: bool, columns: int, width: int
) -> None:
    code = "from sakya_sync.cli.comparison import Screen; print(Screen.present())"
    ours, theirs = os.openpty()
    try:
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
        subprocess.run(
            [sys.executable, "-c", code],
            stdout=theirs,
            env={**environment, **settings, "COLUMNS": str(columns)},
            check=True,
        )
        assert os.read(ours, 1000).decode().strip() == f"Screen(width={width}, color={color})"
    finally:
        os.close(ours)
        os.close(theirs)
