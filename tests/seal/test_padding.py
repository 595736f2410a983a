from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.limits import PADDED_BYTES_MIN
from sakya_sync.seal.padding import is_padded, padded_length


@given(st.integers(0, 2**40))
def test_padding_hides_the_length_and_costs_an_eighth_at_most(length: int) -> None:
    padded = padded_length(length)
    assert padded >= max(length, PADDED_BYTES_MIN)
    assert padded <= max(PADDED_BYTES_MIN, length * 1.12)
    assert is_padded(padded)
    assert padded_length(padded) == padded
