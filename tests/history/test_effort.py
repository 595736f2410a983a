from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.history.effort import Piece, attribute, effort
from sakya_sync.history.words import Layout
from sakya_sync.mapping.diff import text_steps
from sakya_sync.replica.steps import apply_steps

TEXTS = st.text("ab é\n.", max_size=60)


def between(old: str, new: str, layout: Layout = Layout.PROSE) -> tuple[int, int]:
    return effort(old, text_steps(old, new), layout)


def test_words_are_counted_as_a_writer_counts_them() -> None:
    assert between("", "It was a dark night.") == (5, 0)
    assert between("It was a dark night.", "It was a night.") == (0, 1)
    assert between("It was a dark night.", "It was a darker night.") == (1, 1)
    assert between("night", "night falls") == (1, 0)
    assert between("one two", "two one") in ((1, 1), (0, 0))
    assert between("same", "same") == (0, 0)


def test_front_matter_and_data_hold_no_words() -> None:
    chapter = "---\ntitle: Salt\nstatus: draft\n---\n\nIt begins.\n"
    assert between(chapter, chapter.replace("draft", "final")) == (0, 0)
    assert between(chapter, chapter + "And it ends.\n") == (3, 0)
    assert between("a: 1\n", "a: 2\nb: 3\n", Layout.DATA) == (0, 0)


@given(TEXTS, TEXTS)
def test_what_is_added_can_be_removed_again(old: str, new: str) -> None:
    assert apply_steps(text_steps(old, new), old) == new
    added, removed = between(old, new)
    assert added >= 0
    assert removed >= 0


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_every_piece_of_a_text_is_somebodys(texts: list[str]) -> None:
    pieces: list[Piece[int]] = []
    old = ""
    for author, text in enumerate(texts):
        pieces = attribute(pieces, text_steps(old, text), author)
        old = text
    assert "".join(piece.text for piece in pieces) == texts[-1]
    assert all(piece.text for piece in pieces)
    assert all(one.of != two.of for one, two in pairwise(pieces))
