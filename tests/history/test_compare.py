from hypothesis import given

from sakya_sync.history.compare import BlockKind, Comparison, FileComparison, compare
from sakya_sync.history.paragraphs import Part
from sakya_sync.history.spans import SpanKind
from sakya_sync.history.words import Layout, count_words

from .texts import CHAPTER, revisions, texts


def kinds(comparison: Comparison) -> list[BlockKind]:
    return [block.kind for block in comparison.blocks if block.kind is not BlockKind.SAME]


def check(old: str, new: str, layout: Layout) -> None:
    comparison = compare(old, new, layout)
    assert comparison.old_text() == old
    assert comparison.new_text() == new
    assert comparison.same == (old == new)
    difference = count_words(new, layout) - count_words(old, layout)
    assert comparison.words_added - comparison.words_removed == difference


@given(texts, texts)
def test_both_texts_can_be_made_of_their_comparison(old: str, new: str) -> None:
    for layout in Layout:
        check(old, new, layout)


@given(revisions())
def test_so_they_can_of_what_was_revised(texts: tuple[str, str]) -> None:
    for layout in Layout:
        check(*texts, layout)


def test_a_text_without_a_final_line_break_and_one_with_crlf_are_kept() -> None:
    for old, new in ((CHAPTER, CHAPTER.rstrip()), (CHAPTER, CHAPTER.replace("\n", "\r\n"))):
        check(old, new, Layout.PROSE)
        assert compare(old, new).respaced_only


def test_only_what_changed_is_marked() -> None:
    new = CHAPTER.replace("for nine days", "for eleven days")
    comparison = compare(CHAPTER, new)
    (changed,) = [block for block in comparison.blocks if block.changed]
    assert (changed.kind, changed.old, changed.new) == (BlockKind.CHANGED, 6, 6)
    assert [s.text for s in changed.spans if s.kind is not SpanKind.SAME] == ["nine", "eleven"]
    assert (comparison.words_added, comparison.words_removed) == (1, 1)


def test_front_matter_is_compared_by_lines_and_counts_no_words() -> None:
    comparison = compare(CHAPTER, CHAPTER.replace("status: draft", "status: a final revision"))
    (changed,) = [block for block in comparison.blocks if block.changed]
    assert (changed.part, changed.old) == (Part.MATTER, 3)
    assert comparison.words_added == comparison.words_removed == 0


def test_a_moved_paragraph_is_marked_at_both_places_and_changes_no_count() -> None:
    spring = (
        "In spring the ford was too high to cross, and the mules stood in the yard for nine days."
    )
    new = CHAPTER.replace(f"\n{spring}\n", "").replace("Nobody on", f"{spring}\n\nNobody on")
    comparison = compare(CHAPTER, new)
    check(CHAPTER, new, Layout.PROSE)
    moved, left = [b for b in comparison.blocks if b.kind in (BlockKind.MOVED, BlockKind.LEFT)]
    assert (moved.kind, moved.old, moved.new) == (BlockKind.MOVED, 6, 2)
    assert (left.kind, left.old, left.new) == (BlockKind.LEFT, 6, 2)
    assert (comparison.words_added, comparison.words_removed) == (0, 0)
    assert comparison.words_moved == count_words(spring)
    assert comparison.paragraphs_moved == 1


def test_a_paragraph_that_moved_and_changed_is_both() -> None:
    spring = (
        "In spring the ford was too high to cross, and the mules stood in the yard for nine days."
    )
    later = spring.replace("nine days", "a fortnight")
    new = CHAPTER.replace(f"\n{spring}\n", "").replace("Nobody on", f"{later}\n\nNobody on")
    (moved,) = [b for b in compare(CHAPTER, new).blocks if b.kind is BlockKind.MOVED]
    assert moved.changed


def test_what_is_rewritten_is_removed_and_added() -> None:
    new = CHAPTER.replace(
        "Nobody on the road had ever asked why. It was done,", "The clerks were paid;"
    )
    assert set(kinds(compare(CHAPTER, new))) == {BlockKind.REMOVED, BlockKind.ADDED}


def test_new_line_breaks_in_a_paragraph_are_no_change_of_words() -> None:
    comparison = compare("One two\nthree four.\n", "One two three\nfour.\n\n")
    assert kinds(comparison) == [BlockKind.RESPACED]
    assert comparison.respaced_only
    assert not comparison.same


def test_a_file_comparison_tells_what_became_of_the_file() -> None:
    comparison = compare("", "Salt.\n")
    assert FileComparison(None, "salt.md", comparison).path == "salt.md"
    assert FileComparison("salt.md", None, None).path == "salt.md"
    assert FileComparison("salt.md", "road.md", comparison).renamed
    assert not FileComparison("salt.md", "salt.md", comparison).renamed
    assert not FileComparison(None, "salt.md", comparison).renamed


def test_texts_with_nothing_in_common_are_compared_in_bounded_time() -> None:
    """Were it to take the product of the lengths in memory or pairs, the time would run out."""
    old = "\n\n".join(f"Mule {number} carried {number * 7} pounds." for number in range(5_000))
    new = "\n\n".join(f"On the {number}th, {number * 3} of us paid." for number in range(5_000))
    check(old, new, Layout.PROSE)
    check(old.replace("\n\n", " "), new.replace("\n\n", " "), Layout.PROSE)
    check(old.replace(" ", "\n\n"), new.replace(" ", "\n\n"), Layout.PROSE)
