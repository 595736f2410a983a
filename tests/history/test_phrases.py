import unicodedata
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.history.phrases import (
    clean,
    clock,
    counted,
    full_date,
    month,
    noun,
    offset,
    short_date,
    shortened,
    shortened_path,
    span,
)

anything = st.text(st.characters(), max_size=40)


@given(anything)
def test_cleaned_text_can_be_written_and_moves_no_cursor(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not [character for character in cleaned if unicodedata.category(character) == "Cc"]
    assert clean(cleaned) == cleaned


def test_what_is_fit_to_be_shown_stays() -> None:
    for text in ("Größe", "سلام", "👩‍👩‍👧‍👦 x", "<script>", "a  b"):
        assert clean(text) == text
    assert clean("a\nb\x1b[31m\u202ec\ud800") == "a b�[31m�c�"


@given(anything, st.integers(2, 40))
def test_shortened_texts_fit_and_say_that_they_were(text: str, most: int) -> None:
    for short in (shortened(text, most), shortened_path(text, most)):
        assert len(short) <= most
        assert short == text if len(text) <= most else "…" in short


def test_a_path_keeps_its_end() -> None:
    assert shortened_path("manuscript/part-one/weighing-out.md", 20) == "manusc…ighing-out.md"


def test_numbers_and_times_read_as_a_person_writes_them() -> None:
    assert (counted(1, "word"), counted(0, "word")) == ("1 word", "0 words")
    assert (noun(1, "day"), noun(2, "day")) == ("day", "days")
    assert counted(61204, "word") == "61,204 words"
    day = date(2025, 3, 2)
    assert (full_date(day), short_date(day)) == ("2 March 2025", "2 Mar 2025")
    assert month(day) == "March 2025"
    assert clock(datetime(2025, 3, 2, 9, 5)) == "09:05"
    assert (offset(330), offset(-570), offset(0)) == ("+05:30", "-09:30", "+00:00")
    assert (span(59), span(3600), span(200_000)) == ("59 seconds", "1 hour", "2 days")
