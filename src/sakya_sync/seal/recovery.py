"""The recovery kit: 24 words that an account's own keys come from.

Spec: docs/protocol.md#recovery; vectors/seal/recovery.json.
"""

from hashlib import blake2b, sha256
from typing import Final
from unicodedata import normalize

from mnemonic import Mnemonic

from sakya_sync.errors import RecoveryWordsWrong
from sakya_sync.seal.keys import SealingSecret, SigningKey

ENTROPY_BYTES: Final = 32
WORDS: Final = 24

_BITS_PER_WORD = 11


def words(entropy: bytes) -> str:
    """32 random bytes as 24 words of the BIP-39 English list, with single spaces."""
    assert len(entropy) == ENTROPY_BYTES
    return Mnemonic("english").to_mnemonic(entropy)


def entropy(text: str) -> bytes:
    """The 32 bytes behind 24 words, in any case and spacing.

    Raises: RecoveryWordsWrong, which names places but never a word.
    """
    typed = normalize("NFKD", text).lower().split()
    if len(typed) != WORDS:
        raise RecoveryWordsWrong(f"there are {len(typed)} words, and a kit has {WORDS}")
    indexes = {word: index for index, word in enumerate(Mnemonic("english").wordlist)}
    unknown = [str(place) for place, word in enumerate(typed, 1) if word not in indexes]
    if unknown:
        raise RecoveryWordsWrong(f"not in the list of words: number {', '.join(unknown)}")
    joined = 0
    for word in typed:
        joined = joined << _BITS_PER_WORD | indexes[word]
    decoded = joined.to_bytes(ENTROPY_BYTES + 1, "big")
    if sha256(decoded[:-1]).digest()[0] != decoded[-1]:
        raise RecoveryWordsWrong("a word is wrong, or two are out of order")
    return decoded[:-1]


def account_key(entropy: bytes) -> SigningKey:
    """The account's signing key, whose public half the account is."""
    return SigningKey(_derive(entropy, b"signing"))


def account_sealing(entropy: bytes) -> SealingSecret:
    """What is sealed to the account itself opens with this."""
    return SealingSecret(_derive(entropy, b"sealing"))


def _derive(entropy: bytes, purpose: bytes) -> bytes:
    # The entropy is uniform already: BIP-39's slow PBKDF2 would add nothing.
    assert len(entropy) == ENTROPY_BYTES
    return blake2b(purpose, digest_size=32, key=entropy, person=b"SakyaAccount1").digest()
