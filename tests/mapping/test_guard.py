from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.ids import FileId
from sakya_sync.mapping.bases import Base
from sakya_sync.mapping.guard import Held, Taken, guard, taken_by, takes_away
from sakya_sync.mapping.local import Delete, Found, LocalPlan, plan_local

from .samples import base, file, found

NOTHING = Taken()
PAGE = b"A line of a chapter.\n" * 150


def project(count: int, data: bytes = b"Short.") -> list[Base]:
    return [base(f"{number}.md", data, number + 1) for number in range(count)]


def weigh(
    bases: Iterable[Base],
    there: Iterable[Found],
    *,
    lately: Taken = NOTHING,
    approved: frozenset[FileId] = frozenset(),
    emptied: bool = False,
) -> tuple[LocalPlan, tuple[Held, ...]]:
    by_file = {item.file: item for item in bases}
    plan = plan_local(by_file, there, lambda _: "")
    return guard(plan, by_file, set(by_file), lately=lately, approved=approved, emptied=emptied)


def kept(bases: Iterable[Base]) -> list[Found]:
    return [found(item.path, None, item.inode) for item in bases]


def test_three_files_may_go_and_a_fifth_of_many() -> None:
    for count, gone in ((4, 3), (15, 3), (100, 20)):
        bases = project(count)
        plan, held = weigh(bases, kept(bases[gone:]))
        assert (len(plan.steps), held) == (gone, ())


def test_more_than_that_is_held_and_all_else_goes_on() -> None:
    for count, gone in ((4, 4), (15, 4), (100, 21)):
        bases = project(count)
        plan, held = weigh(bases, [*kept(bases[gone:]), found("new.md", b"New.", 999)])
        assert {entry.file for entry in held} == {item.file for item in bases[:gone]}
        assert all(entry.gone for entry in held)
        assert [type(step).__name__ for step in plan.steps] == ["Create"]


def test_half_of_the_text_gone_is_held_however_few_the_files() -> None:
    bases = [base("novel.md", PAGE, 1), base("notes.md", b"Short.", 2)]
    plan, held = weigh(bases, [found("novel.md", b"", 1), found("notes.md", None, 2)])
    assert plan.steps == ()
    assert held == (Held(file("novel.md"), "novel.md", gone=False),)
    plan, held = weigh(bases, kept(bases[1:]))
    assert [entry.gone for entry in held] == [True]


def test_a_little_text_may_go_though_it_is_half() -> None:
    bases = [base("plot.md", b"She leaves.\n" * 30, 1)]
    plan, held = weigh(bases, [found("plot.md", b"She stays.\n", 1)])
    assert (len(plan.steps), held) == (1, ())


def test_text_that_went_to_another_file_is_not_gone() -> None:
    bases = [base("novel.md", PAGE, 1), base("notes.md", b"Short.", 2)]
    parts = [found("one.md", b"Now: " + PAGE[:1500], 5), found("two.md", PAGE[1500:], 6)]
    plan, held = weigh(bases, [found("novel.md", b"", 1), found("notes.md", None, 2), *parts])
    assert held == ()
    assert len(plan.steps) == 3


def test_what_goes_bit_by_bit_is_counted_together() -> None:
    bases = project(10)
    plan, held = weigh(bases, kept(bases[2:]), lately=Taken(files=3))
    assert len(held) == 2
    plan, held = weigh(bases, kept(bases[2:]), lately=Taken(files=1))
    assert held == ()
    assert taken_by(plan, {item.file for item in bases}, frozenset()) == Taken(2, 12)


def test_an_emptied_folder_takes_nothing_away_however_small() -> None:
    bases = project(1)
    assert weigh(bases, [])[1] == ()
    assert len(weigh(bases, [], emptied=True)[1]) == 1


def test_what_the_writer_approved_goes_and_what_went_since_is_weighed_anew() -> None:
    bases = project(20)
    approved = frozenset(item.file for item in bases[:10])
    plan, held = weigh(bases, kept(bases[12:]), approved=approved)
    assert (len(plan.steps), held) == (12, ())
    plan, held = weigh(bases, [], approved=approved)
    assert {step.base.file for step in plan.steps if isinstance(step, Delete)} == approved
    assert len(held) == 10


@given(st.integers(1, 40), st.integers(0, 40), st.booleans())
def test_nothing_is_both_taken_and_held_and_nothing_is_forgotten(
    count: int, gone: int, emptied: bool
) -> None:
    bases = project(count)
    plan, held = weigh(bases, kept(bases[gone:]), emptied=emptied)
    taken = {step.base.file for step in plan.steps if isinstance(step, Delete)}
    waiting = {entry.file for entry in held}
    assert taken | waiting == {item.file for item in bases[:gone]}
    assert not taken or not waiting
    assert takes_away(plan) is bool(taken)
    assert len(taken) <= max(3, count / 5)
