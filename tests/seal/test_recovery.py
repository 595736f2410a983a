import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecoveryWordsWrong
from sakya_sync.seal.recovery import account_key, account_sealing, entropy, words

KIT = bytes(range(32))


@given(st.binary(min_size=32, max_size=32))
def test_24_words_bring_the_kit_back(kit: bytes) -> None:
    assert len(words(kit).split()) == 24
    assert entropy(words(kit)) == kit


def test_case_and_spacing_do_not_matter() -> None:
    typed = words(KIT)
    assert entropy(f"  {typed.upper()}\n") == entropy(typed.replace(" ", "\n\t")) == KIT


def test_the_lists_own_example_is_understood() -> None:
    assert entropy("abandon " * 23 + "art") == bytes(32)


def test_a_wrong_word_is_named_by_its_place_and_never_shown() -> None:
    typed = words(KIT).split()
    for spoiled, told in (
        (typed[:-1], "23 words"),
        ([*typed, "zoo"], "25 words"),
        (["novel", "secretword", *typed[2:]], "number 2"),
        ([typed[1], typed[0], *typed[2:]], "out of order"),
        ([], "0 words"),
    ):
        with pytest.raises(RecoveryWordsWrong) as caught:
            entropy(" ".join(spoiled))
        assert told in caught.value.message
        assert "secretword" not in caught.value.message + caught.value.hint


def test_a_kit_gives_one_account_and_another_kit_another() -> None:
    assert account_key(KIT) == account_key(KIT)
    assert account_key(KIT) != account_key(bytes(32))
    assert account_sealing(KIT).secret != account_key(KIT).seed
