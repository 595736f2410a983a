import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import ReferenceInvalid
from sakya_sync.history.reference import (
    At,
    Id,
    Named,
    Point,
    Reference,
    nearest,
    parse_reference,
)

NAMES = ("first draft", "sent to Ines@home", "deadbeef", "2026-11-20", "day@{one}")


@pytest.mark.parametrize(
    ("text", "path", "point"),
    [
        ("first draft", None, Named("first draft")),
        ("  first draft ", None, Named("first draft")),
        ("a name nobody gave", None, Named("a name nobody gave")),
        ("@{yesterday}", None, At("yesterday")),
        ("@{ 2 hours ago }", None, At("2 hours ago")),
        ("manuscript/the ford.md@{last monday}", "manuscript/the ford.md", At("last monday")),
        ("me@home.md@{yesterday}", "me@home.md", At("yesterday")),
        ("manuscript/one.md@first draft", "manuscript/one.md", Named("first draft")),
        ("one.md@sent to Ines@home", "one.md", Named("sent to Ines@home")),
        ("me@home.md@first draft", "me@home.md", Named("first draft")),
        ("me@home.md@unknown", "me@home.md", Named("unknown")),
        ("2026-11-21", None, At("2026-11-21")),
        ("2026-11", None, At("2026-11")),
        ("2026-11-21 14:30", None, At("2026-11-21 14:30")),
        ("one.md@2026-11-21T14:30Z", "one.md", At("2026-11-21T14:30Z")),
        ("0123456789abcdef", None, Id("0123456789abcdef")),
        ("one.md@01234567", "one.md", Id("01234567")),
        ("0123456", None, Named("0123456")),
        ("deadbee5", None, Id("deadbee5")),
    ],
)
def test_a_reference_is_a_path_or_none_and_a_point_in_its_history(
    text: str, path: str | None, point: Point
) -> None:
    assert parse_reference(text, NAMES) == Reference(path, point)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_snapshot_is_meant_before_all_it_looks_like(name: str) -> None:
    assert parse_reference(name, NAMES) == Reference(None, Named(name))


@pytest.mark.parametrize(
    "text", ["", " ", "@", "@{}", "@{ }", "one.md@", "@name", "a@{b", "a@{b}c"]
)
def test_what_names_no_version_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ReferenceInvalid) as caught:
        parse_reference(text)
    assert text.strip() in caught.value.message
    assert "@{yesterday}" in caught.value.hint


@given(st.text(alphabet="a @{}/0-", max_size=12) | st.text(max_size=12))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        found = parse_reference(text, NAMES)
    except ReferenceInvalid:
        return
    assert found.path is None or found.path == found.path.strip() != ""


def test_the_nearest_names_come_first() -> None:
    names = ["first draft", "second draft", "sent to the editor", "Erste Fassung"]
    assert nearest("frist draft", names)[0] == "first draft"
    assert nearest("FIRST DRAFT", names)[0] == "first draft"
    assert nearest("editor", names) == ("sent to the editor",)
    assert nearest("zzz", names) == nearest("first draft", []) == ()
    assert len(nearest("draft", [f"draft {number}" for number in range(9)])) == 3
