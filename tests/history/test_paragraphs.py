from hypothesis import given

from sakya_sync.history.paragraphs import Part, paragraphs
from sakya_sync.history.words import Layout

from .texts import CHAPTER, texts


@given(texts)
def test_the_paragraphs_of_a_text_are_the_text(text: str) -> None:
    for layout in Layout:
        found = paragraphs(text, layout)
        assert "".join(paragraph.text for paragraph in found) == text
        for paragraph in found:
            assert text[paragraph.start :].startswith(paragraph.text)
            assert paragraph.text
            assert not paragraph.gap.strip()


@given(texts)
def test_numbers_count_what_a_person_would_count(text: str) -> None:
    body = [p for p in paragraphs(text) if p.part is Part.BODY and p.number]
    assert [paragraph.number for paragraph in body] == list(range(1, len(body) + 1))
    assert all(paragraph.body.strip() for paragraph in body)


def test_blank_lines_part_paragraphs_and_front_matter_is_lines() -> None:
    found = paragraphs(CHAPTER)
    assert [p.body for p in found if p.part is Part.MATTER] == CHAPTER.splitlines()[:5]
    body = [p.body for p in found if p.part is Part.BODY and p.number]
    assert len(body) == 6
    assert body[3:5] == ['"I\'m always tired."', "---"]


def test_line_breaks_of_every_kind_are_line_breaks() -> None:
    for end in ("\n", "\r\n", "\r"):
        text = f"one{end}still one{end}{end} \t{end}two{end}"
        assert [p.body for p in paragraphs(text)] == [f"one{end}still one", "two"]


def test_a_file_of_data_is_lines() -> None:
    found = paragraphs("a: 1\n\nb: 2", Layout.DATA)
    assert [(p.number, p.body, p.gap) for p in found] == [
        (1, "a: 1", "\n"),
        (2, "", "\n"),
        (3, "b: 2", ""),
    ]


def test_blank_lines_before_everything_are_no_paragraph() -> None:
    assert [(p.number, p.body, p.gap) for p in paragraphs("\n \nOne.")] == [
        (0, "", "\n \n"),
        (1, "One.", ""),
    ]
    assert paragraphs("") == []
