from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from history.samples import pins
from sakya_sync.history.curve import frame
from sakya_sync.history.pins import clustered, numbered
from sakya_sync.history.timeline import Pin


@given(st.lists(pins, max_size=12), st.floats(0, 1))
def test_clusters_hold_each_snapshot_once_and_are_narrow(of: list[Pin], apart: float) -> None:
    around = frame((), of)
    found = clustered(of, around, apart)
    assert tuple(pin for cluster in found for pin in cluster.pins) == numbered(of)
    for cluster in found:
        places = [around.across(shown.pin.at_ms) for shown in cluster.pins]
        assert places[-1] - places[0] <= apart
        assert cluster.across == places[-1]


@given(st.lists(pins, max_size=12))
def test_snapshots_that_a_person_named_are_counted_in_order(of: list[Pin]) -> None:
    found = numbered(of)
    assert all(a.pin.at_ms <= b.pin.at_ms for a, b in pairwise(found))
    assert all((shown.number is None) == shown.pin.automatic for shown in found)
    numbers = [shown.number for shown in found if shown.number is not None]
    assert numbers == list(range(1, len(numbers) + 1))
