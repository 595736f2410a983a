from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.ids import PeerId
from sakya_sync.record.coverage import Coverage
from sakya_sync.record.spans import Span, contiguous_prefix
from sakya_sync.record.versions import VersionVector

A = PeerId(1)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 30))
    return Span(PeerId(draw(st.integers(1, 3))), start, start + draw(st.integers(1, 9)))


def test_what_lies_behind_a_gap_counts_once_the_gap_is_filled() -> None:
    coverage = Coverage([Span(A, 0, 3), Span(A, 5, 9)])
    assert coverage.version() == VersionVector({A: 3})
    coverage.add(Span(A, 2, 5))
    assert coverage.version() == VersionVector({A: 9})


@given(st.lists(spans(), max_size=40))
def test_the_order_in_which_spans_come_is_of_no_matter(held: list[Span]) -> None:
    assert Coverage(held).version() == contiguous_prefix(held)
    assert Coverage(reversed(held)).version() == contiguous_prefix(held)
