"""Codes that a person types: `7-novel-harbor-tube`, a place to meet and three words of 256.

The words are every eighth of the BIP-39 English list: no two share their first four letters, and
those four are enough to type. Spec: docs/protocol.md#linking.
"""

from typing import Final

from mnemonic import Mnemonic

from sakya_sync.errors import LinkTextWrong
from sakya_sync.limits import NAMEPLATE_MAX

WORDS: Final = 3

_STEP = 8
_LETTERS_MIN = 4


def make_code(nameplate: int, dice: bytes) -> str:
    """Args: dice: three random bytes, one for each word."""
    assert 1 <= nameplate <= NAMEPLATE_MAX
    assert len(dice) == WORDS
    listed = _words()
    return "-".join([str(nameplate), *(listed[number] for number in dice)])


def read_code(typed: str) -> tuple[int, str]:
    """The nameplate of a typed code, and the code as it was made.

    Case, and what stands between the parts, do not matter; words may be cut to four letters.
    Raises: LinkTextWrong, which repeats nothing that was typed.
    """
    parts = typed.lower().replace("-", " ").split()
    if len(parts) != 1 + WORDS:
        raise LinkTextWrong("a code is a number and three words, like 7-novel-harbor-tube")
    number, *words = parts
    if not (number.isascii() and number.isdigit() and len(number) <= len(str(NAMEPLATE_MAX))):
        raise LinkTextWrong("a code begins with a number")
    nameplate = int(number)
    if not nameplate:
        raise LinkTextWrong("a code begins with a number")
    listed = _words()
    found: list[str] = []
    for place, word in enumerate(words, 1):
        fits = [item for item in listed if item == word or _begins(item, word)]
        if len(fits) != 1:
            raise LinkTextWrong(f"word {place} is none that codes are made of")
        found += fits
    return nameplate, "-".join([str(nameplate), *found])


def _begins(word: str, typed: str) -> bool:
    return len(typed) >= _LETTERS_MIN and word.startswith(typed)


def _words() -> list[str]:
    return Mnemonic("english").wordlist[::_STEP]
