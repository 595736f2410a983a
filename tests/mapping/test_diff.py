import re

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.mapping.diff import Distance, text_distance, text_steps
from sakya_sync.replica.steps import Delete, Insert, Retain, apply_steps

words = st.lists(st.sampled_from(["salt", "road", "weighs", "\n", "é", "😀", "."]), max_size=25)
WORD = re.compile(r"\w+|[^\w\s]")
prose = words.map(" ".join)


@given(prose, prose)
def test_the_steps_lead_from_one_text_to_the_other(old: str, new: str) -> None:
    assert apply_steps(text_steps(old, new), old) == new


@given(st.text(max_size=60), st.text(max_size=60))
def test_so_they_do_for_any_text(old: str, new: str) -> None:
    assert apply_steps(text_steps(old, new), old) == new


def test_words_change_whole() -> None:
    steps = text_steps("She weighed the salt twice.", "She weighs the salt twice.")
    assert [step for step in steps if isinstance(step, Delete | Insert)] == [
        Delete(len("weighed")),
        Insert("weighs"),
    ]


def test_a_rewritten_passage_is_replaced_and_not_woven_together() -> None:
    old, new = "It rained on the road.\n", "Nobody had come for years!\n"
    changed = [step for step in text_steps(old, new) if isinstance(step, Insert)]
    assert len(changed) == 1


def test_a_change_in_one_line_of_many_touches_that_line_only() -> None:
    old = "".join(f"Line {number} of the chapter.\n" for number in range(2000))
    new = old.replace("Line 1000 of", "Line one thousand of")
    inserted = sum(len(s.text) for s in text_steps(old, new) if isinstance(s, Insert))
    assert inserted < 40
    assert text_steps(old, old) == ()


def test_the_distance_counts_words_that_go_and_words_that_come() -> None:
    old, new = "She weighs the salt.\nNobody comes.\n", "She weighs all the salt.\nThey come.\n"
    assert text_distance(old, new) == Distance(gone=2, come=3)
    assert text_distance(new, old) == Distance(gone=3, come=2)
    assert text_distance(old, old).total == 0


@given(prose, prose)
def test_the_distance_is_never_more_than_what_the_steps_change(old: str, new: str) -> None:
    def words_in(texts: list[str]) -> int:
        return sum(len(WORD.findall(text)) for text in texts)

    distance, at, gone, come = text_distance(old, new), 0, list[str](), list[str]()
    for step in text_steps(old, new):
        match step:
            case Insert(text):
                come.append(text)
            case Delete(count):
                gone.append(old[at : at + count])
                at += count
            case Retain(count):
                at += count
    assert distance.come <= words_in(come)
    assert distance.gone <= words_in(gone)
    assert distance.come - distance.gone == words_in([new]) - words_in([old])
