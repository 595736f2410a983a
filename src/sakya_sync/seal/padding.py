"""Padmé: lengths rounded up so that they tell at most log log n bits, for at most 12 % more.

Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
section 4.
"""

from sakya_sync.limits import PADDED_BYTES_MIN


def padded_length(length: int) -> int:
    """The length that one of `length` is padded to, at least PADDED_BYTES_MIN."""
    if length <= PADDED_BYTES_MIN:
        return PADDED_BYTES_MIN
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def is_padded(length: int) -> bool:
    """Whether something padded can have this length."""
    return padded_length(length) == length
