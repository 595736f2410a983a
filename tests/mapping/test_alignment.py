from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.mapping.alignment import CELLS_MAX, aligned, longest_rising

sequences = st.lists(st.sampled_from("abcdef"), max_size=30)


def check(old: list[str], new: list[str], cells_max: int = CELLS_MAX) -> int:
    """Fails unless the stretches are both sequences in order; how many are equal."""
    at_old = at_new = equal = 0
    stretches = aligned(old, new, cells_max=cells_max)
    for stretch in stretches:
        assert (stretch.old_start, stretch.new_start) == (at_old, at_new)
        at_old, at_new = stretch.old_end, stretch.new_end
        if stretch.equal:
            part = old[stretch.old_start : stretch.old_end]
            assert part == new[stretch.new_start : stretch.new_end]
            equal += len(part)
    assert (at_old, at_new) == (len(old), len(new))
    assert all(one.equal != other.equal for one, other in pairwise(stretches))
    return equal


@given(sequences, sequences)
def test_the_stretches_are_both_sequences_by_turns(old: list[str], new: list[str]) -> None:
    check(old, new)


@given(sequences)
def test_equal_sequences_are_one_stretch(parts: list[str]) -> None:
    assert len(aligned(parts, parts)) == (1 if parts else 0)


@given(sequences, sequences)
def test_so_they_are_where_the_sequences_are_too_long_to_compare_at_once(
    old: list[str], new: list[str]
) -> None:
    check(old, new, cells_max=4)


def test_what_stands_once_on_each_side_parts_what_is_too_long() -> None:
    random = Random(7)
    old = [str(number) for number in range(50_000)]
    new = [part if random.random() > 0.01 else "other" for part in old]
    changed = sum(part == "other" for part in new)
    assert check(old, new) == len(old) - changed


def test_hundreds_of_thousands_of_parts_without_any_order_stay_within_memory() -> None:
    random = Random(3)
    old = [random.choice("abcdefgh") for _ in range(250_000)]
    new = [random.choice("ijklmnop") for _ in range(250_000)]
    assert check(old, new) == 0


@given(st.lists(st.integers(0, 30), max_size=12))
def test_no_rising_subsequence_is_longer(values: list[int]) -> None:
    found = [values[index] for index in longest_rising(values)]
    assert all(one < other for one, other in pairwise(found))
    longest = [1] * len(values)
    for index, value in enumerate(values):
        longest[index] += max(
            (longest[before] for before in range(index) if values[before] < value), default=0
        )
    assert len(found) == max(longest, default=0)
