import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.record.container import pack, pack_all, unpack

records = st.lists(st.binary(max_size=50), min_size=1, max_size=20)


@given(records)
def test_a_container_gives_its_records_back(items: list[bytes]) -> None:
    assert unpack(pack(items)) == tuple(items)


@given(records, st.integers(1, 200))
def test_containers_keep_order_and_stay_below_their_bound(items: list[bytes], most: int) -> None:
    containers = pack_all(items, most)
    assert [record for container in containers for record in unpack(container)] == items
    assert all(len(item) <= most or len(unpack(item)) == 1 for item in containers)


@pytest.mark.parametrize("rubbish", [b"", b"\x00", b"\x02\x01a", b"\x01\x01ab", b"\xff\xff\x7f"])
def test_what_is_no_container_is_refused(rubbish: bytes) -> None:
    with pytest.raises(RecordError):
        unpack(rubbish)
