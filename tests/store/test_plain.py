from pathlib import Path

from sakya_sync.ids import RoomId
from sakya_sync.session.rooms.plain import Entry
from sakya_sync.store.plain.store import PlainBatch, PlainStore
from sakya_sync.wire.messages import Magic

ROOM = RoomId("notes")


async def filled(store: PlainStore, count: int = 5) -> int:
    number = store.next_room()
    batch = PlainBatch()
    batch.room(number, Magic.LOR, ROOM)
    for entry in range(count):
        batch.put(number, entry, b"body %d" % entry)
    await store.submit(batch)
    return number


async def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    store = PlainStore(tmp_path)
    number = await filled(store, 2)
    mark = PlainBatch()
    mark.mark(number, [b"seen", b"seen"])
    await store.submit(mark)
    store.close()
    again = PlainStore(tmp_path)
    assert again.room(Magic.LOR, ROOM) == number
    assert again.room(Magic.ELO, ROOM) is None
    assert list(again.entries(number)) == [Entry(0, b"body 0"), Entry(1, b"body 1")]
    assert again.marks(number) == [b"seen"]
    assert again.next_room() == number + 1
    again.close()


async def test_one_entry_takes_the_place_of_all_before_it(tmp_path: Path) -> None:
    store = PlainStore(tmp_path)
    number = await filled(store)
    batch = PlainBatch()
    batch.replace(number, 5, b"everything")
    batch.put(number, 6, b"more")
    await store.submit(batch)
    assert list(store.entries(number)) == [Entry(5, b"everything"), Entry(6, b"more")]
    store.close()


async def test_retired_entries_stay_until_they_are_swept(tmp_path: Path) -> None:
    store = PlainStore(tmp_path)
    number = await filled(store)
    batch = PlainBatch()
    batch.retire(number, [1], now_ms=1_000)
    batch.retire(number, [3], now_ms=2_000)
    batch.drop(number, [4])
    await store.submit(batch)
    assert [entry.number for entry in store.entries(number) if entry.retired] == [1, 3]
    sweep = PlainBatch()
    sweep.sweep(2_000)
    await store.submit(sweep)
    assert [entry.number for entry in store.entries(number)] == [0, 2, 3]
    store.close()


async def test_bodies_come_in_order_and_only_those_that_are_there(tmp_path: Path) -> None:
    store = PlainStore(tmp_path)
    number = await filled(store)
    assert list(store.bodies(number, [4, 1, 9])) == [b"body 1", b"body 4"]
    assert list(store.bodies(number, [])) == []
    store.close()
