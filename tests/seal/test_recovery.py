from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemonic import Mnemonic

from sakya_sync.errors import RecoveryWordsWrong
from sakya_sync.seal.recovery import account_key, account_sealing, entropy, words

KIT = bytes(range(32))
WORDLIST = Mnemonic("english").wordlist
FITTING = [10, 9, 7, 7, 10, 6, 8, 8, 9, 10, 10, 7, 7, 8, 11, 9, 6, 8, 11, 9, 3, 8, 11, 7]
"""For each place of that kit, how many of the 2,047 wrong words the checksum lets through."""


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


@pytest.mark.parametrize("place", range(24))
def test_one_wrong_word_is_refused_unless_the_checksum_happens_to_fit(place: int) -> None:
    # 8 bits of checksum: of 2,047 wrong words about 8 fit in each place, and each of those is
    # another kit. Which ones is worked out here from BIP-39 alone.
    typed = words(KIT).split()
    indexes = [WORDLIST.index(word) for word in typed]
    fitting, refused = 0, 0
    for index, word in enumerate(WORDLIST):
        changed = [*indexes[:place], index, *indexes[place + 1 :]]
        bits = "".join(f"{number:011b}" for number in changed)
        kit, checksum = int(bits[:256], 2).to_bytes(32, "big"), int(bits[256:], 2)
        text = " ".join([*typed[:place], word, *typed[place + 1 :]])
        if sha256(kit).digest()[0] == checksum:
            assert entropy(text) == kit
            assert (kit == KIT) == (word == typed[place])
            fitting += kit != KIT
        elif index % 16 == place % 16:
            # Each costs a look into the list; a sixteenth of them, another one for each place.
            with pytest.raises(RecoveryWordsWrong):
                entropy(text)
            refused += 1
    assert fitting == FITTING[place]
    assert refused > 100


def test_a_word_is_read_whole_and_only_in_its_own_letters() -> None:
    typed = words(KIT).split()
    for spoiled in (typed[0][:4], typed[0] + "s", typed[0] + ".", "", "1", "\u00e5bandon"):
        with pytest.raises(RecoveryWordsWrong):
            entropy(" ".join([spoiled, *typed[1:]]))


def test_a_kit_gives_one_account_and_another_kit_another() -> None:
    assert account_key(KIT) == account_key(KIT)
    assert account_key(KIT) != account_key(bytes(32))
    assert account_sealing(KIT).secret != account_key(KIT).seed
