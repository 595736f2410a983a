import random

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.ids import PeerId
from sakya_sync.record.spans import Span, contiguous_prefix
from sakya_sync.record.versions import EMPTY

spans = st.lists(
    st.builds(
        lambda peer, start, length: Span(PeerId(peer), start, start + length),
        st.integers(0, 2),
        st.integers(0, 12),
        st.integers(1, 6),
    ),
    max_size=10,
)


@given(spans)
def test_the_prefix_is_what_can_be_counted_from_0_without_a_gap(items: list[Span]) -> None:
    held = {(span.peer, number) for span in items for number in range(span.start, span.end)}
    prefix = contiguous_prefix(items)
    for peer in map(PeerId, range(3)):
        end = 0
        while (peer, end) in held:
            end += 1
        assert prefix.get(peer) == end


def test_a_span_covers_what_lies_in_it() -> None:
    whole = Span(PeerId(1), 2, 9)
    assert whole.covers(whole)
    assert whole.covers(Span(PeerId(1), 3, 9))
    assert not whole.covers(Span(PeerId(1), 1, 9))
    assert not whole.covers(Span(PeerId(2), 3, 4))


@given(spans, st.randoms())
def test_the_order_of_spans_does_not_matter(items: list[Span], dice: random.Random) -> None:
    shuffled = list(items)
    dice.shuffle(shuffled)
    assert contiguous_prefix(shuffled) == contiguous_prefix(items)


def test_what_lies_behind_a_gap_is_left_out_until_the_gap_is_filled() -> None:
    early, late = Span(PeerId(1), 0, 3), Span(PeerId(1), 4, 9)
    assert contiguous_prefix([early, late]).get(PeerId(1)) == 3
    assert contiguous_prefix([late]) == EMPTY
    assert contiguous_prefix([late, Span(PeerId(1), 3, 4), early]).get(PeerId(1)) == 9


def test_no_spans_reach_nowhere() -> None:
    assert contiguous_prefix([]) == EMPTY
