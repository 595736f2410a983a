from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.history.blame import AuthoredRun, Blamed, blame
from sakya_sync.history.paragraphs import Part
from sakya_sync.history.words import Layout, count_words

from .texts import CHAPTER, pieces

INES, TOMAS = "Ines", "Tomás"

runs = st.lists(
    st.builds(
        AuthoredRun,
        st.sampled_from([INES, TOMAS, "Ada"]),
        st.integers(1, 99),
        st.lists(pieces, max_size=8).map("".join),
    ),
    max_size=8,
)


def one(*written: tuple[str, int, str]) -> Blamed:
    (found,) = blame(written)
    return found


def test_a_paragraph_is_whose_most_of_its_words_are() -> None:
    found = one((INES, 1, "The salt has to be weighed "), (TOMAS, 2, "twice"), (INES, 1, ".\n"))
    assert found.author == INES
    assert [(share.author, share.words) for share in found.shares] == [(INES, 6), (TOMAS, 1)]
    assert (found.last.author, found.at_ms) == (TOMAS, 2)
    assert found.words == 7


def test_a_long_word_is_no_more_than_a_short_one() -> None:
    assert one((INES, 1, "of a man "), (TOMAS, 1, "unquestionably")).author == INES


def test_a_word_is_whose_first_letter_is() -> None:
    assert [s.words for s in one((INES, 1, "wei"), (TOMAS, 2, "ghed")).shares] == [1, 0]


def test_of_two_with_as_many_words_more_letters_decide_and_then_the_later() -> None:
    assert one((INES, 1, "a "), (TOMAS, 1, "mule")).author == TOMAS
    assert one((INES, 1, "salt "), (TOMAS, 2, "mule")).author == TOMAS
    assert one((INES, 2, "salt "), (TOMAS, 1, "mule")).author == INES


def test_where_no_word_counts_letters_do() -> None:
    found = one((INES, 1, "* "), (TOMAS, 2, "* *"))
    assert (found.author, found.words) == (TOMAS, 0)


def test_front_matter_is_one_and_paragraphs_are_found_where_they_stand() -> None:
    found = blame([AuthoredRun(INES, 1, CHAPTER)])
    assert [(each.part, each.number, each.line) for each in found] == [
        (Part.MATTER, 1, 1),
        *((Part.BODY, number, line) for number, line in enumerate((7, 9, 11, 13, 15, 17), 1)),
    ]
    lines = CHAPTER.splitlines()
    assert found[0].text == "\n".join(lines[:5])
    assert all(each.text == lines[each.line - 1] for each in found[1:])


def test_a_file_of_data_is_told_line_by_line() -> None:
    written = [AuthoredRun(INES, 1, "a: 1\n\nb: "), AuthoredRun(TOMAS, 2, "two and more\n")]
    found = blame(written, Layout.DATA)
    assert [(each.line, each.author) for each in found] == [(1, INES), (3, TOMAS)]


@given(runs)
def test_shares_are_of_the_whole_and_every_word_is_somebodys(written: list[AuthoredRun]) -> None:
    text = "".join(run.text for run in written)
    for layout in Layout:
        found = blame(written, layout)
        assert sum(each.words for each in found) == count_words(text, layout)
        for each in found:
            assert abs(sum(share.part for share in each.shares) - 1) < 1e-9
            assert [s.part for s in each.shares] == sorted(
                (s.part for s in each.shares), reverse=True
            )
            assert each.text in text
            assert each.text.strip()
    assert all(each.text.split() == [] for each in blame([AuthoredRun(INES, 1, "\n \n")]))


@given(runs)
def test_how_a_text_is_cut_into_runs_of_one_author_changes_nothing(
    written: list[AuthoredRun],
) -> None:
    letters = [AuthoredRun(run.author, run.at_ms, letter) for run in written for letter in run.text]
    assert blame(letters) == blame(written)
