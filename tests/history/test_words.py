from string import punctuation

import pytest
from hypothesis import given

from sakya_sync.history.words import (
    Layout,
    count_words,
    front_matter_length,
    is_word,
    layout_of,
    tokens,
    word_starts,
    words_between,
)

from .texts import CHAPTER, texts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("The salt was weighed twice.", 5),
        ("don't, well-known, it’s", 3),
        ("a drink—a feeling – a friendship", 6),
        ("wait...what… no--yes", 4),
        ("3.14 and 10,000", 3),
        ("— … * # > \u00a0 ☕️", 0),
        ("e\u0301te\u0301 été", 2),
        ("我喜欢苹果。", 5),
        ("カタカナ、ひらがな", 8),
        ("iPhone手机", 3),
        ("한국어 단어", 2),
        ("שלום עולם", 2),
        ("مرحبا، بالعالم", 2),
    ],
)
def test_words_are_counted_as_a_writer_counts_them(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Weighing out", 2),
        ("**bold** and _leaning_ and un*frigging*real", 5),
        ("- one\n* two\n+ three\n12. four\n3) five", 5),
        ("- [ ] to do\n- [x] done", 3),
        ("> quoted > twice", 2),
        ("[a road](https://roads.example/salt?x=1) on", 3),
        ('![a map](map.png "The map") here', 3),
        ("[[Coffee Cup]] and [[Elena Vasquez|her]] cup", 5),
        ("<!-- not this\nnor this --> but this", 2),
        ("A claim.[^12]\n\n[road]: https://roads.example\n", 2),
        ("```python\nx\n```\n~~~\ny\n~~~", 2),
        ("a<br>b<b>c</b> &nbsp; d", 4),
        ("***\n---\n___", 0),
    ],
)
def test_the_marks_of_markdown_are_no_words(text: str, words: int) -> None:
    assert count_words(text) == words


def test_front_matter_does_not_count() -> None:
    length = front_matter_length(CHAPTER)
    assert CHAPTER[:length].endswith("3000\n---\n")
    assert count_words(CHAPTER) == count_words(CHAPTER[length:]) == 67
    assert front_matter_length(CHAPTER.replace("\n", "\r\n")) == length + 5
    assert count_words("---\ntitle: x\n---") == 0


@pytest.mark.parametrize("text", ["--- not\nthis\n---\n", "\n---\na: b\n---\n", "---\nnever\nends"])
def test_what_only_looks_like_front_matter_counts(text: str) -> None:
    assert front_matter_length(text) == 0
    assert count_words(text) > 0


def test_nothing_counts_in_a_file_of_data() -> None:
    assert layout_of("manuscript/manuscript.yaml") is Layout.DATA
    assert layout_of("manuscript/One.MD") is Layout.PROSE
    assert count_words("title: The Salt Road\n", Layout.DATA) == 0


@given(texts)
def test_the_tokens_of_a_text_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


@given(texts)
def test_a_word_begins_where_a_letter_or_a_digit_is(text: str) -> None:
    starts = word_starts(text)
    assert starts == sorted(set(starts))
    assert not any(text[at].isspace() or text[at] in punctuation for at in starts)


def test_no_accent_and_no_emoji_is_torn() -> None:
    assert tokens("e\u0301te\u0301 👩‍👩‍👧 🏳️‍🌈!") == [
        "e\u0301te\u0301",
        " ",
        "👩‍👩‍👧",
        " ",
        "🏳️‍🌈",
        "!",
    ]
    assert tokens("漢字“don't”") == ["漢", "字", "“", "don't", "”"]


def test_words_are_told_from_the_rest() -> None:
    assert [is_word(token) for token in ("salt", "don't", "漢", "7", " ", "—", "☕️")] == (
        [True, True, True, True, False, False, False]
    )


def test_words_between_two_places_begin_there() -> None:
    starts = word_starts("one two three")
    assert [words_between(starts, 0, 13), words_between(starts, 1, 5)] == [3, 1]


@pytest.mark.parametrize(
    "unit", ["<!--", "[[", "](", "[^", "> ", " ", "\n", "a'", "<a", "&a", "---\n"]
)
def test_nothing_takes_long_to_read(unit: str) -> None:
    """Were it to take the square of the length, the test's time would run out."""
    text = unit * (600_000 // len(unit))
    assert "".join(tokens(text)) == text
    assert count_words(text) <= len(text)
