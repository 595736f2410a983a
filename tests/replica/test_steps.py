import pytest

from sakya_sync.replica.steps import Delete, Insert, Retain, apply_steps


def test_steps_go_from_the_beginning_and_keep_the_rest() -> None:
    assert apply_steps([Retain(2), Delete(2), Insert("😀!")], "abcdef") == "ab😀!ef"
    assert apply_steps([], "same") == "same"


def test_steps_beyond_the_end_are_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError):
        apply_steps([Retain(9)], "short")
