import contextlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded, RecordError
from sakya_sync.limits import CONTAINER_RECORDS_MAX, RECORD_BYTES_MAX
from sakya_sync.record.container import pack, pack_all, unpack
from sakya_sync.wire.varint import encode_uvarint

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


@given(st.one_of(st.binary(max_size=40), records.map(pack)), st.data())
def test_what_is_read_as_a_container_has_no_other_encoding(
    source: bytes, data: st.DataObject
) -> None:
    changed = bytearray(source)
    if changed and data.draw(st.booleans()):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(RecordError):
        assert pack(unpack(bytes(changed))) == changed


@given(records)
def test_a_container_cut_short_or_with_a_tail_is_refused(items: list[bytes]) -> None:
    container = pack(items)
    for spoiled in [container + b"\x00", *(container[:size] for size in range(len(container)))]:
        with pytest.raises(RecordError):
            unpack(spoiled)


@pytest.mark.parametrize("prefix", [b"\x81\x00\x01a", b"\x01\x81\x00a"])
def test_a_count_or_length_that_is_longer_than_needed_is_refused(prefix: bytes) -> None:
    with pytest.raises(RecordError):
        unpack(prefix)


def test_a_container_has_only_so_many_records() -> None:
    most = [b""] * CONTAINER_RECORDS_MAX
    assert len(unpack(pack(most))) == CONTAINER_RECORDS_MAX
    with pytest.raises(LimitExceeded):
        pack([*most, b""])
    with pytest.raises(RecordError):
        unpack(encode_uvarint(CONTAINER_RECORDS_MAX + 1) + bytes(CONTAINER_RECORDS_MAX + 1))
    assert [len(unpack(item)) for item in pack_all([*most, b""], 2**30)] == [len(most), 1]


def test_a_record_over_the_limit_is_refused_inside_a_container() -> None:
    assert len(unpack(pack([bytes(RECORD_BYTES_MAX)]))[0]) == RECORD_BYTES_MAX
    with pytest.raises(RecordError):
        unpack(pack([bytes(RECORD_BYTES_MAX + 1)]))


@given(st.lists(st.binary(max_size=50), min_size=2, max_size=20), st.integers(1, 200))
def test_no_record_would_have_fitted_the_container_before(items: list[bytes], most: int) -> None:
    containers = [unpack(container) for container in pack_all(items, most)]
    for before, after in pairwise(containers):
        assert len(pack([*before, after[0]])) > most


def test_no_records_need_no_container() -> None:
    assert pack_all([], 100) == []
