from hypothesis import given

from sakya_sync.history.compare import BlockKind, FileComparison, compare
from sakya_sync.history.excerpt import Passage, Skipped, excerpts, in_words, unit
from sakya_sync.history.spans import Span, SpanKind
from sakya_sync.history.words import Layout

from .texts import CHAPTER, revisions

NUMBERED = [f"Paragraph {number} tells of a day on the road." for number in range(1, 12)]


def outline(old: list[str], new: list[str]) -> list[str]:
    """Each passage by its number in brackets where it is context; skipped ones by their count."""
    shown = []
    for found in excerpts(compare("\n\n".join(old), "\n\n".join(new))):
        if isinstance(found, Skipped):
            shown.append(f"{len(found.blocks)} skipped")
        else:
            shown.append(f"({found.block.new})" if found.context else f"{found.block.new}")
    return shown


def told(old: str, new: str, layout: Layout = Layout.PROSE) -> str:
    return in_words(FileComparison("a.md", "a.md", compare(old, new, layout)))


def test_only_what_changed_is_shown_with_its_neighbours() -> None:
    new = [*NUMBERED]
    new[5] = new[5].replace("road", "ford")
    assert outline(NUMBERED, new) == ["4 skipped", "(5)", "6", "(7)", "4 skipped"]
    assert outline(NUMBERED, NUMBERED) == ["11 skipped"]


def test_no_paragraph_is_skipped_alone_between_two_that_are_shown() -> None:
    new = [*NUMBERED]
    new[1], new[5] = new[1].replace("road", "ford"), new[5].replace("road", "ford")
    assert outline(NUMBERED, new) == ["(1)", "2", "(3)", "(4)", "(5)", "6", "(7)", "4 skipped"]


@given(revisions())
def test_whatever_changed_in_words_is_shown(texts: tuple[str, str]) -> None:
    comparison = compare(*texts)
    found = excerpts(comparison)
    loud = [p.block for p in found if isinstance(p, Passage) and not p.context]
    assert all(block in loud for block in comparison.blocks if block.changed)
    here = [b for b in comparison.blocks if b.kind is not BlockKind.LEFT]
    kept = [b for b in here if any(span.text.strip() for span in b.spans)]
    shown = [
        block
        for part in found
        for block in (part.blocks if isinstance(part, Skipped) else (part.block,))
    ]
    assert [block for block in shown if block.kind is not BlockKind.LEFT] == kept


@given(revisions())
def test_a_passage_loses_no_letter_and_ends_without_a_line_break(texts: tuple[str, str]) -> None:
    for passage in excerpts(compare(*texts), context=100):
        if isinstance(passage, Skipped):
            continue
        shown = "".join(span.text for span in passage.spans)
        assert not shown.endswith(("\n", "\r"))
        whole = "".join(span.text for span in passage.block.spans)
        assert "".join(shown.replace("¶", "").split()) == "".join(whole.replace("¶", "").split())


def test_a_paragraph_split_or_joined_is_marked_where_it_was() -> None:
    one = "The salt was weighed at dawn. Nobody asked why it was."
    two = one.replace(". N", ".\n\nN")
    (split,) = excerpts(compare(one, two))
    (joined,) = excerpts(compare(two, one))
    assert isinstance(split, Passage)
    assert isinstance(joined, Passage)
    same, added, removed = SpanKind.SAME, SpanKind.ADDED, SpanKind.REMOVED
    first, second = two.split("\n\n")
    assert split.spans == (Span(same, first), Span(added, "¶"), Span(same, f"\n\n{second}"))
    assert joined.spans == (Span(same, first), Span(removed, "¶"), Span(same, f"  {second}"))


def test_new_line_breaks_within_a_changed_paragraph_are_not_marked() -> None:
    (passage,) = excerpts(compare("One two\nthree four five.", "One two three\nfour six."))
    assert isinstance(passage, Passage)
    marked = [span.text for span in passage.spans if span.kind is not SpanKind.SAME]
    assert marked == ["five", "six"]


def test_paragraphs_that_moved_together_are_told_of_once() -> None:
    scene = [
        "The ford was too high for the mules.",
        "“No.”",
        "“Yes.”",
        "So we sat down and waited.",
    ]
    found = excerpts(compare("\n\n".join([*scene, *NUMBERED]), "\n\n".join([*NUMBERED, *scene])))
    told = [(p.block.kind.value, p.move) for p in found if isinstance(p, Passage) and not p.context]
    assert told == [
        ("left", "moved to paragraphs 12 to 15"),
        ("moved", "moved from paragraphs 1 to 4"),
        *[("moved", "")] * 3,
    ]


def test_of_those_that_changed_too_each_says_so() -> None:
    scene = ["The ford was too high for all mules.", "So we sat down there and waited long."]
    new = [line.replace("too", "far too").replace("down", "up") for line in scene]
    found = excerpts(compare("\n\n".join([*scene, *NUMBERED]), "\n\n".join([*NUMBERED, *new])))
    assert [p.move for p in found if isinstance(p, Passage) and not p.context] == [
        "moved to paragraphs 12 to 13",
        "moved from paragraphs 1 to 2, and changed",
        "changed",
    ]


def test_skipped_paragraphs_can_still_be_read() -> None:
    (skipped,) = excerpts(compare(CHAPTER, CHAPTER))
    assert isinstance(skipped, Skipped)
    assert len(skipped.passages) == len(skipped.blocks) == 11
    assert all(passage.context for passage in skipped.passages)


def test_a_file_is_summed_up_in_a_few_words() -> None:
    salt, ford = "The salt has to be weighed twice.", "In spring the ford was too high."
    assert told(salt, f"{salt} Always. Yes.") == "+2 words"
    assert told(f"{salt} Always.", salt) == "−1 word"
    assert told("Two words", "One word") == "+2 −2 words"
    assert told("It was late, at eight.", "It was late, at nine.") == "+1 −1 words"
    assert told(f"{salt}\n\n{ford}", f"{ford}\n\n{salt}") == "1 paragraph moved"
    assert told(salt, salt) == "the same"
    assert told(salt, salt.replace(".", "!")) == "no words changed"
    assert told(f"{salt}\n", salt) == "only spaces and line breaks changed"
    assert told(CHAPTER, CHAPTER.replace("draft", "final")) == "front matter changed"
    assert told("a: 1\nb: 2\n", "a: 2\nb: 2\nc: 3\n", Layout.DATA) == "2 lines changed"
    assert told("- one\n- two\n- six\n", "- six\n- one\n- two\n", Layout.DATA) == "1 line moved"


def test_what_became_of_the_file_itself_is_told_first() -> None:
    nothing = compare("", "")
    assert in_words(FileComparison(None, "a.md", compare("", "Salt."))) == "new, +1 word"
    assert in_words(FileComparison("a.md", None, compare("Salt.", ""))) == "removed, −1 word"
    assert in_words(FileComparison("a.md", "b.md", nothing)) == "was a.md"
    assert in_words(FileComparison("a.png", "a.png", None)) == "not text"


def test_numbers_of_data_count_lines() -> None:
    (block,) = compare("a: 1", "a: 1", Layout.DATA).blocks
    assert (unit(block), block.kind) == ("line", BlockKind.SAME)
    assert unit(compare("One.", "").blocks[0]) == "paragraph"
