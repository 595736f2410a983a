import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import NameInvalid
from sakya_sync.mapping.names import alias, check_path, collision_key


@pytest.mark.parametrize(
    "path",
    [
        "", ".", "..", "../x", "a/../b", "/etc/passwd", "a//b", "a/", "a\0b", "a\nb", "C:x", "a\\b",
        "con", "NUL.txt", "notes/com1.md", "x.", "x ", "a" * 300, "/".join(["a" * 200] * 6),
        ".sakya/sync.toml", ".SAKYA/x", ".sakya-tmp-1", "a\udc80b", "what?.md",
    ],
)  # fmt: skip
def test_a_path_that_could_do_harm_is_refused(path: str) -> None:
    with pytest.raises(NameInvalid):
        check_path(path)


def test_ordinary_paths_pass_in_one_normal_form() -> None:
    assert check_path("notes/cafe\u0301.md") == "notes/caf\u00e9.md"
    assert check_path(".sakya/sessions.yaml") == ".sakya/sessions.yaml"
    assert check_path("manuscript/a gate.md") == "manuscript/a gate.md"


@given(st.text(max_size=40))
def test_whatever_passes_stays_below_the_folder(path: str) -> None:
    try:
        checked = check_path(path)
    except NameInvalid:
        return
    assert not checked.startswith("/")
    assert ".." not in checked.split("/")
    assert check_path(checked) == checked


def test_names_that_one_system_holds_for_equal_collide() -> None:
    assert collision_key("Straße.md") == collision_key("STRASSE.MD")
    assert collision_key("cafe\u0301") == collision_key("caf\u00e9")


def test_an_alias_keeps_folder_and_ending() -> None:
    assert alias("a/x.md", 2) == "a/x-2.md"
    assert alias("x", 3) == "x-3"
    assert alias(".hidden", 2) == ".hidden-2"


@given(st.integers(1, 255), st.sampled_from("aé語"), st.integers(0, 260), st.integers(2, 10_000))
def test_an_alias_is_never_longer_than_a_name_may_be(
    length: int, letter: str, suffix: int, number: int
) -> None:
    name = letter * (length // len(letter.encode()) or 1)
    path = f"notes/{name}.{'m' * suffix}" if suffix else f"notes/{name}"
    other = alias(path, number)
    assert other.startswith("notes/")
    assert f"-{number}" in other
    assert check_path(other) == other
