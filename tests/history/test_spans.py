import pytest
from hypothesis import given

from sakya_sync.history.spans import (
    WORDS_AT_ONCE,
    Span,
    SpanKind,
    blank_line,
    changed_spans,
    joined,
    replaced,
)

from .texts import revisions, texts


def shown(old: str, new: str) -> str:
    marks = {SpanKind.SAME: "{}", SpanKind.REMOVED: "[-{}-]", SpanKind.ADDED: "{{+{}+}}"}
    return "".join(marks[span.kind].format(span.text) for span in changed_spans(old, new))


def check(old: str, new: str) -> tuple[Span, ...]:
    spans = changed_spans(old, new)
    assert "".join(span.text for span in spans if span.kind is not SpanKind.ADDED) == old
    assert "".join(span.text for span in spans if span.kind is not SpanKind.REMOVED) == new
    assert all(span.text for span in spans)
    return spans


@given(texts, texts)
def test_the_spans_hold_both_passages(old: str, new: str) -> None:
    check(old, new)


@given(revisions())
def test_so_they_do_for_what_was_revised(texts: tuple[str, str]) -> None:
    check(*texts)


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        (
            "She weighed the salt twice. It rained.",
            "She weighs the salt twice, then again. It rained. Nobody came.",
            "She [-weighed-]{+weighs+} the salt twice{+, then again+}. It rained.{+ Nobody came.+}",
        ),
        (
            "The coffee was cold. I knew it.",
            "The coffee was cold. Very cold. I knew it.",
            "The coffee was cold. {+Very cold. +}I knew it.",
        ),
        (
            "I liked the big brown dog over there.",
            "We hated a small gray wolf over there.",
            "[-I liked the big brown dog-]{+We hated a small gray wolf+} over there.",
        ),
        ("He was seated in it.", "He sat in it.", "He [-was seated-]{+sat+} in it."),
        ("the salt", "the very salt", "the {+very +}salt"),
        ("the very very salt", "the very salt", "the very [-very -]salt"),
        ("don't go", "didn't go", "[-don't-]{+didn't+} go"),
        (
            "我喜欢苹果。他喜欢梨。",
            "我喜欢香蕉。他不喜欢梨。",
            "我喜欢[-苹果-]{+香蕉+}。他{+不+}喜欢梨。",
        ),
        ("caf\u0065 noir", "cafe\u0301 noir", "[-cafe-]{+cafe\u0301+} noir"),
        ("👩‍👩‍👧 here", "👩‍👩‍👦 here", "[-👩‍👩‍👧-]{+👩‍👩‍👦+} here"),
        ("One. Two.", "One.\n\nTwo.", "One.[- -]{+\n\n+}Two."),
    ],
)
def test_a_change_is_shown_as_a_writer_would_mark_it(old: str, new: str, marked: str) -> None:
    assert shown(old, new) == marked


def test_no_island_is_left_within_what_was_rewritten() -> None:
    old = '"You look tired," David said. He was seated in the corner booth, and he had a beer.'
    new = '"You should sleep," he murmured. They stood by the old jukebox, and the rain began.'
    same = [span.text for span in check(old, new) if span.kind is SpanKind.SAME]
    assert not [text for text in same if text.strip() in {"the", ",", "had", "he", "a"}]


def test_a_long_passage_is_compared_by_sentences_first() -> None:
    sentences = [
        f"Sentence number {number} is about the weighing of salt. " for number in range(3000)
    ]
    old = "".join(sentences)
    new = old.replace("number 1500 is", "number 1500 was")
    assert len(old.split()) > WORDS_AT_ONCE
    assert [s.text for s in check(old, new) if s.kind is SpanKind.ADDED] == ["was"]
    check(old, "".join(reversed(old)))


def test_spans_are_joined_and_never_empty() -> None:
    same, gone = SpanKind.SAME, SpanKind.REMOVED
    spans = [Span(gone, ""), Span(same, "a"), Span(gone, ""), Span(same, "b"), Span(gone, "c")]
    assert joined(spans) == (Span(same, "ab"), Span(gone, "c"))
    assert replaced("a", "a") == [Span(same, "a")]


def test_two_line_breaks_are_a_blank_line() -> None:
    assert [blank_line(space) for space in (" ", "\n", "\r\n", "\n\n", "\r\n \r\n", "\r\r")] == (
        [False, False, False, True, True, True]
    )
