from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.ids import FileId
from sakya_sync.mapping.remote import Relocate, Remove, Write, plan_remote

from .samples import base, file

NAMES = ["a", "b", "c", "d"]


def test_lists_of_files_are_written_after_the_files_and_removals_last() -> None:
    rendered = {file("m"): "manuscript/manuscript.yaml", file("z"): "z.md"}
    gone = base("gone.md")
    steps = plan_remote(rendered, {gone.file: gone}, set(rendered))
    assert steps == (
        Write(file("z"), "z.md"),
        Write(file("m"), "manuscript/manuscript.yaml"),
        Remove(gone.file, "gone.md"),
    )


def test_a_name_that_differs_in_its_normal_form_only_is_left_as_it_is() -> None:
    there = base("cafe\u0301.md", name="x")
    assert plan_remote({there.file: "caf\u00e9.md"}, {there.file: there}, set()) == ()


@given(st.permutations(NAMES))
def test_renames_in_any_circle_land_where_they_should(targets: list[str]) -> None:
    bases = {file(name): base(name) for name in NAMES}
    rendered = {file(name): target for name, target in zip(NAMES, targets, strict=True)}
    disk: dict[str, FileId] = {name: file(name) for name in NAMES}
    for step in plan_remote(rendered, bases, set()):
        assert isinstance(step, Relocate)
        assert step.target not in disk
        disk[step.target] = disk.pop(step.source)
    assert disk == {path: name for name, path in rendered.items()}


def test_a_file_in_the_way_of_one_that_comes_is_removed_first() -> None:
    old = base("a.md", name="old")
    steps = plan_remote({file("new"): "A.md"}, {old.file: old}, {file("new")})
    assert steps == (Remove(old.file, "a.md"), Write(file("new"), "A.md"))
