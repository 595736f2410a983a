from sakya_sync.record.container import unpack
from sakya_sync.replica.outbox import Outbox
from sakya_sync.seal.sealed import Sealed, parse

from .desk import replica, sealed, write


def records(count: int) -> list[Sealed]:
    writer = replica()
    found = []
    for number in range(count):
        write(writer, f"{number}")
        found.append(parse(unpack(sealed(writer)[0])[0]))
    return found


def test_records_leave_in_order_and_stay_until_acked() -> None:
    outbox, items = Outbox(), records(4)
    for item in items:
        outbox.put(item)
    (parcel,) = outbox.take(2**20)
    assert unpack(parcel.container) == tuple(item.raw for item in items)
    assert (outbox.in_flight, outbox.take(2**20)) == (True, [])
    assert outbox.acked(parcel.records) == list(parcel.records)
    assert (len(outbox), outbox.in_flight) == (0, False)
    assert outbox.acked(parcel.records) == []


def test_a_parcel_is_no_larger_than_a_frame_takes() -> None:
    outbox, items = Outbox(), records(5)
    for item in items:
        outbox.put(item)
    parcels = outbox.take(2 * len(items[0].raw) + 30)
    assert [len(parcel.records) for parcel in parcels] == [2, 2, 1]


def test_after_a_lost_connection_the_same_bytes_leave_again() -> None:
    outbox = Outbox()
    for item in records(2):
        outbox.put(item)
    first = outbox.take(2**20)
    outbox.lost()
    assert outbox.take(2**20) == first


def test_a_parcel_that_was_put_back_leaves_again_without_the_others() -> None:
    outbox, items = Outbox(), records(4)
    for item in items:
        outbox.put(item)
    first, second = outbox.take(2 * len(items[0].raw) + 30)
    outbox.put_back(first.records)
    assert outbox.take(2**20) == [first]
    outbox.put_back(second.records)
    assert outbox.take(2**20) == [second]
