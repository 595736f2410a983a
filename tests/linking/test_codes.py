from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LinkTextWrong
from sakya_sync.limits import NAMEPLATE_MAX
from sakya_sync.linking.codes import make_code, read_code


@given(st.integers(1, NAMEPLATE_MAX), st.binary(min_size=3, max_size=3))
def test_a_code_is_read_as_it_was_made(nameplate: int, dice: bytes) -> None:
    code = make_code(nameplate, dice)
    assert read_code(code) == (nameplate, code)


def test_every_byte_is_a_word_of_its_own() -> None:
    words = {make_code(1, bytes((n, 0, 0))).split("-")[1] for n in range(256)}
    assert len(words) == 256
    assert len({word[:4] for word in words}) == 256


@pytest.mark.parametrize(
    "typed",
    ["7 NOVEL harbor Tube", " 7-novel-harbor-tube\n", "7-nove-harb-tube", "007 novel harbor tube"],
)
def test_people_type_as_they_like(typed: str) -> None:
    assert read_code(typed) == (7, "7-novel-harbor-tube")


@pytest.mark.parametrize(
    "typed",
    ["", "novel-harbor-tube", "7-novel-harbor", "7-novel-harbor-tube-tube", "0-novel-harbor-tube",
     "77777-novel-harbor-tube", "٧-novel-harbor-tube", "7-nov-harbor-tube", "7-novels-harbor-tube",
     "7-zebra-harbor-tube", "-7-novel-harbor"],
)  # fmt: skip
def test_what_is_no_code_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(LinkTextWrong) as caught:
        read_code(typed)
    assert "harb" not in caught.value.message.replace("7-novel-harbor-tube", "")


def test_short_words_must_be_typed_whole() -> None:
    short = [word for word in (make_code(1, bytes((n, 0, 0))).split("-")[1] for n in range(256))
             if len(word) == 3]  # fmt: skip
    assert short
    for word, cut in product(short, (1, 2)):
        with pytest.raises(LinkTextWrong):
            read_code(f"1-{word[:cut]}-{word}-{word}")
