from collections.abc import Iterable

from sakya_sync.limits import OPAQUE_BYTES_MAX
from sakya_sync.mapping.bases import Base
from sakya_sync.mapping.local import Create, Delete, Edit, Found, LocalPlan, Move, Touch, plan_local

from .samples import base, found

STORY = b"".join(b"Line %d of a story that is long enough.\n" % number for number in range(20))


def plan(bases: Iterable[Base], files: Iterable[Found], old: bytes = b"") -> LocalPlan:
    return plan_local({item.file: item for item in bases}, files, lambda _: old.decode())


def test_what_looks_the_same_needs_no_step() -> None:
    assert plan([base("a", b"1")], [found("a", None)]) == LocalPlan((), ())


def test_new_changed_touched_and_gone_files_are_told_apart() -> None:
    bases = [base("edited", b"1"), base("gone", b"2"), base("touched", b"3"), base("same", b"4")]
    files = [found("edited", b"9"), found("touched", b"3"), found("same", None), found("new", b"n")]
    kinds = {type(step) for step in plan(bases, files).steps}
    assert kinds == {Edit, Delete, Touch, Create}


def test_a_rename_is_known_by_inode_by_content_and_by_likeness() -> None:
    for old, new in (
        (base("a.md", b"old", 7), found("b.md", b"quite another text", 7)),
        (base("a.md", STORY), found("b.md", STORY)),
        (base("a.md", STORY), found("b.md", STORY.replace(b"Line 3 ", b"Row 3 "))),
    ):
        steps = plan([old], [new], STORY).steps
        assert isinstance(steps[0], Move)
        assert not [step for step in steps if isinstance(step, Create | Delete)]


def test_an_inode_that_was_given_to_another_file_tells_nothing() -> None:
    texts = {name: STORY.replace(b"story", name.encode()) for name in ("salt", "road")}
    bases = [base("salt.md", texts["salt"], 1), base("road.md", texts["road"], 2)]
    files = [
        found("new/salt.md", texts["salt"].replace(b"Line 3 ", b"Row 3 "), 2),
        found("new/road.md", texts["road"].replace(b"Line 3 ", b"Row 3 "), 1),
    ]
    by_file = {item.file: item for item in bases}
    held = {item.file: texts[item.path.removesuffix(".md")].decode() for item in bases}
    steps = plan_local(by_file, files, held.get).steps
    assert {(step.base.path, step.path) for step in steps if isinstance(step, Move)} == {
        ("salt.md", "new/salt.md"),
        ("road.md", "new/road.md"),
    }


def test_two_files_that_changed_places_are_two_renames() -> None:
    bases = [base("a", b"1", 1), base("b", b"2", 2)]
    steps = plan(bases, [found("a", b"2", 2), found("b", b"1", 1)]).steps
    assert {(step.base.path, step.path) for step in steps if isinstance(step, Move)} == {
        ("a", "b"),
        ("b", "a"),
    }


def test_a_file_under_two_names_has_not_moved() -> None:
    bases = [base("a", b"1", 1), base("b", b"2", 2), base("c", b"3", 3)]
    # `b` and `c` became links to `a`, which stayed.
    steps = plan(bases, [found(path, b"1", 1) for path in "abc"]).steps
    assert not [step for step in steps if isinstance(step, Move | Delete)]
    # The same, and `a` is gone: one of them is where it moved to.
    steps = plan(bases, [found(path, b"1", 1) for path in "bc"]).steps
    assert len([step for step in steps if isinstance(step, Move)]) == 1


def test_what_cannot_be_synced_is_named_and_never_skipped_in_silence() -> None:
    big = found("photo.jpg", bytes(OPAQUE_BYTES_MAX + 1))
    odd = found("what?.md", b"x")
    named = plan([], [big, odd])
    assert named.steps == ()
    assert {path for path, _ in named.skipped} == {"photo.jpg", "what?.md"}
    grown = plan([base("photo.jpg", b"small")], [big])
    assert grown.steps == ()
    assert [path for path, _ in grown.skipped] == ["photo.jpg"]
