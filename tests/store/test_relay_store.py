"""One contract for every store that a relay may have.

A new one is done when it has a line in `conftest.py` and everything here passes.
"""

import asyncio
from contextlib import closing
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.people import ACCOUNT, ANNA, LAPTOP, SUBJECT, TABLET, Pen
from sakya_sync.errors import SakyaError
from sakya_sync.ids import AuthorId, DeviceId, PeerId, RoomId
from sakya_sync.limits import TICKET_WINDOW_SECONDS
from sakya_sync.record import versions
from sakya_sync.record.versions import VersionVector
from sakya_sync.seal.chain import Head
from sakya_sync.seal.sealed import Sealed
from sakya_sync.session.rooms.names import room_id
from sakya_sync.session.rooms.sealed import Admitted, Refused, owed, reaches_past
from sakya_sync.store.relay.store import RelayBatch
from sakya_sync.wire.messages import AckStatus

from .shelf import Shelf, StoredLog, raw

DEVICE, OTHER_DEVICE = DeviceId(LAPTOP.public), DeviceId(TABLET.public)
STRUCTURE = room_id(SUBJECT, "structure")
NONCE = b"n" * 16
NOW_MS = 1_800_000_000_000
PEER_MAX = 2**64 - 2
fresh_names = (f"room-{number}" for number in count())


def owners(*pens: Pen) -> dict[PeerId, tuple[AuthorId, int]]:
    return {pen.peer: (pen.author, pen.end) for pen in pens}


def pens(room: RoomId = STRUCTURE) -> tuple[Pen, Pen, Pen]:
    return Pen(LAPTOP, room, 0), Pen(TABLET, room, 7), Pen(ANNA, room, PEER_MAX)


def same(one: StoredLog, other: StoredLog) -> bool:
    """Whether two rooms stand at the same place, and would go on the same way."""
    return (one.state.heads(), one.state.version(), one.state.digest(), one.number) == (
        other.state.heads(),
        other.state.version(),
        other.state.digest(),
        other.number,
    )


async def written(log: StoredLog, pen: Pen, number: int) -> list[Sealed]:
    """So many records of an author, each in a batch of its own."""
    records: list[Sealed] = [pen.write(b"words %d" % place) for place in range(number)]
    for record in records:
        await log.append(record)
    return records


async def fails(shelf: Shelf, *batches: RelayBatch) -> None:
    """None of the batches is stored; the store takes others after that."""
    for batch in batches:
        with pytest.raises(SakyaError):
            await shelf.store.submit(batch)
    shelf.store.resume()


# Rooms and records.


def test_a_store_that_is_new_holds_nothing(relay_store: Shelf) -> None:
    store = relay_store.store
    assert store.room(STRUCTURE) is None
    assert store.digests(SUBJECT) == {}
    assert store.access_records(SUBJECT) == []
    assert store.record(1, AuthorId(LAPTOP.public), 0) is None
    assert not store.nonce_used(DEVICE, NONCE)
    assert relay_store.room().backfill() == []


async def test_records_come_back_verbatim_in_the_order_they_were_stored(
    relay_store: Shelf,
) -> None:
    log = relay_store.room()
    laptop, tablet, anna = pens()
    records = [pen.write(bytes([place]) * 500) for place in range(4) for pen in (tablet, laptop)]
    records.append(anna.write())
    for at in range(0, 9, 3):
        await log.append(*records[at : at + 3])
    assert log.backfill() == raw(records)


async def test_a_held_record_is_found_by_its_author_and_number(relay_store: Shelf) -> None:
    log, other = relay_store.room(), relay_store.room("home")
    laptop, tablet, _ = pens()
    records = await written(log, laptop, 3)
    await written(other, Pen(LAPTOP, room_id(SUBJECT, "home")), 1)
    find = relay_store.store.record
    for record in records:
        assert find(log.number, laptop.author, record.wseq) == record.raw
        assert find(log.number, tablet.author, record.wseq) is None
    assert find(log.number, laptop.author, 3) is None
    assert find(other.number, laptop.author, 0) not in (None, records[0].raw)
    assert find(other.number, laptop.author, 1) is None


async def test_a_room_read_back_goes_on_where_it_was(relay_store: Shelf) -> None:
    log = relay_store.room()
    laptop, tablet, anna = pens()
    for pen in (laptop, tablet, anna):
        await written(log, pen, 2)
    relay_store.reopen()
    again = relay_store.room()
    assert same(again, log)
    assert again.state.version() == VersionVector({pen.peer: 6 for pen in (laptop, tablet, anna)})
    for pen in (laptop, tablet, anna):
        await written(again, pen, 1)
    assert same(relay_store.room(), again)


async def test_a_room_read_back_refuses_what_does_not_follow(relay_store: Shelf) -> None:
    log = relay_store.room()
    laptop, tablet, _ = pens()
    await written(log, laptop, 2)
    await written(log, tablet, 1)
    again = relay_store.room()
    wrong = [
        laptop.draft(wseq=laptop.wseq + 1),
        laptop.draft(prev=tablet.prev),
        laptop.draft(start=laptop.end + 1),
        laptop.draft(peer=tablet.peer, start=tablet.end),
        # Other words under numbers that are taken, the last and one before.
        Pen(LAPTOP, peer=0).write(b"other words"),
        Pen(TABLET, peer=7).write(b"other words"),
    ]
    for record in wrong:
        verdict = again.admit(record)
        assert isinstance(verdict, Refused), record
        assert verdict.status is AckStatus.INVALID_UPDATE
    assert same(again, log)
    await again.append(laptop.write())


async def test_a_record_sent_again_after_a_restart_is_held_and_stored_once(
    relay_store: Shelf,
) -> None:
    records = await written(relay_store.room(), pens()[0], 3)
    relay_store.reopen()
    again = relay_store.room()
    assert again.admit(*records) == Admitted((), ())
    assert again.backfill() == raw(records)


async def test_rooms_do_not_mix(relay_store: Shelf) -> None:
    names = ["structure", "home", "Structure"]
    logs = [relay_store.room(name) for name in names]
    assert len({log.number for log in logs}) == 3
    held = [
        await written(log, Pen(LAPTOP, room_id(SUBJECT, name)), number)
        for number, (name, log) in enumerate(zip(names, logs, strict=True), 1)
    ]
    for log, records in zip(logs, held, strict=True):
        assert log.backfill() == raw(records)


async def test_room_numbers_are_never_given_twice(relay_store: Shelf) -> None:
    numbers = []
    for start in range(2):
        for name in ("structure", "home", "notes"):
            room = RoomId(f"{name}-{start}")
            log = relay_store.room(room)
            await log.append(Pen(LAPTOP, room_id(SUBJECT, room)).write())
            numbers.append(log.number)
        relay_store.reopen()
    assert len(set(numbers)) == 6


# What a join is owed.


async def test_a_join_without_anything_gets_the_snapshot_and_what_it_leaves_out(
    relay_store: Shelf,
) -> None:
    log = relay_store.room()
    laptop, tablet, _ = pens()
    await written(log, laptop, 2)
    await written(log, tablet, 2)
    snapshot = laptop.snapshot(log.state.heads(), owners(laptop, tablet))
    await log.append(snapshot)
    assert log.backfill() == [snapshot.raw]
    after = [*await written(log, tablet, 1), *await written(log, laptop, 1)]
    assert log.backfill() == raw([snapshot, *after])
    stored = relay_store.store.room(STRUCTURE)
    assert stored is not None
    assert stored.snapshot is not None
    head = stored.snapshot[1]
    second = tablet.snapshot(log.state.heads(), owners(laptop, tablet), 2, head)
    await relay_store.room().append(second)
    relay_store.reopen()
    assert relay_store.room().backfill() == [second.raw]
    again = relay_store.store.room(STRUCTURE)
    assert again is not None
    assert again.snapshot is not None
    assert again.snapshot[0] == 2


async def test_a_snapshot_that_lost_the_race_is_kept_and_owed_like_any_record(
    relay_store: Shelf,
) -> None:
    log = relay_store.room()
    laptop, tablet, _ = pens()
    await written(log, laptop, 1)
    await written(log, tablet, 1)
    heads, held = log.state.heads(), owners(laptop, tablet)
    won, lost = laptop.snapshot(heads, held), tablet.snapshot(heads, held)
    await log.append(won, lost)
    assert log.backfill() == raw([won, lost])


async def test_who_has_joined_before_gets_no_snapshot_instead_of_records(
    relay_store: Shelf,
) -> None:
    log = relay_store.room()
    laptop, tablet, _ = pens()
    await written(log, laptop, 1)
    known = laptop.head
    missed: list[Sealed] = await written(log, tablet, 2)
    missed.append(laptop.snapshot(log.state.heads(), owners(laptop, tablet)))
    await log.append(missed[-1])
    assert log.backfill(owed((known,), b"")) == raw(missed)
    assert log.backfill(owed(log.state.heads(), b"")) == []


BATCHES = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=4), max_size=6)


def stored_at(shelf: Shelf, batches: list[list[int]]) -> tuple[StoredLog, list[Sealed]]:
    """A room of its own, in which these authors have written."""
    name = next(fresh_names)
    log = shelf.room(name)
    authors = pens(room_id(SUBJECT, name))
    records: list[Sealed] = []

    async def store() -> None:
        for batch in batches:
            fresh = [authors[author].write() for author in batch]
            await log.append(*fresh)
            records.extend(fresh)

    asyncio.run(store())
    return log, records


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(BATCHES, st.data())
def test_a_join_by_heads_is_owed_exactly_what_it_lacks(
    relay_store: Shelf, batches: list[list[int]], data: st.DataObject
) -> None:
    log, records = stored_at(relay_store, batches)
    reached = data.draw(
        st.fixed_dictionaries(
            {}, optional={head.author: st.integers(0, head.wseq) for head in log.state.heads()}
        )
    )
    heads = [
        Head(record.author, record.wseq, record.chain(log.state.room))
        for record in records
        if reached.get(record.author) == record.wseq
    ]
    lacking = [record for record in records if record.wseq > reached.get(record.author, -1)]
    assert log.backfill(owed(heads, b"")) == raw(lacking)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(BATCHES, st.tuples(*[st.integers(0, 12)] * 3))
def test_a_join_by_version_is_owed_what_reaches_past_it(
    relay_store: Shelf, batches: list[list[int]], ends: tuple[int, ...]
) -> None:
    log, records = stored_at(relay_store, batches)
    known = {pen.peer: end for pen, end in zip(pens(), ends, strict=True) if end}
    version = VersionVector(known)
    lacking = [record for record in records if reaches_past(record, version)]
    assert log.backfill(owed(None, versions.encode(version))) == raw(lacking)


# Durability.


async def test_what_is_stored_can_be_read_by_another_at_once(relay_store: Shelf) -> None:
    log, pen = relay_store.room(), pens()[0]
    for number in range(10):
        await written(log, pen, 1)
        with closing(relay_store.another()) as other:
            stored = other.room(STRUCTURE)
            assert stored is not None
            assert stored.heads == (pen.head,)
            assert other.record(stored.number, pen.author, number) is not None
            assert other.digests(SUBJECT) == {"structure": log.state.digest()}


async def test_what_was_submitted_is_stored_by_closing(relay_store: Shelf) -> None:
    log, pen = relay_store.room(), pens()[0]
    records = [pen.write() for _ in range(50)]
    done = [relay_store.store.submit(log.batch(record)) for record in records]
    relay_store.reopen()
    await asyncio.gather(*done)
    assert relay_store.room().backfill() == raw(records)


async def test_a_batch_is_stored_whole_or_not_at_all(relay_store: Shelf) -> None:
    log, pen = relay_store.room(), pens()[0]
    stored = await written(log, pen, 1)
    head, digest = pen.head, log.state.digest()
    batch = relay_store.batch()
    batch.nonce(DEVICE, NONCE, NOW_MS)
    await relay_store.store.submit(batch)

    failing = log.batch(pen.write())
    failing.access(SUBJECT, 0, b"a certificate")
    failing.nonce(DEVICE, NONCE, NOW_MS)
    await fails(relay_store, failing, log.batch(pen.write()))

    again = relay_store.room()
    assert again.state.heads() == (head,)
    assert again.backfill() == raw(stored)
    assert relay_store.store.access_records(SUBJECT) == []
    assert relay_store.store.digests(SUBJECT) == {"structure": digest}


# Digests, access records, nonces.


async def test_the_digests_of_a_subject_name_what_its_rooms_hold_now(relay_store: Shelf) -> None:
    logs = {name: relay_store.room(name) for name in ("structure", "home")}
    for name, log in logs.items():
        pen = Pen(LAPTOP, room_id(SUBJECT, name))
        await written(log, pen, 1)
        await written(log, pen, 1)
    relay_store.room("never-written")
    foreign = relay_store.room("structure", ACCOUNT)
    await written(foreign, Pen(LAPTOP, room_id(ACCOUNT, "structure")), 1)
    for _ in range(2):
        store = relay_store.store
        assert store.digests(SUBJECT) == {name: log.state.digest() for name, log in logs.items()}
        assert store.digests(ACCOUNT) == {"structure": foreign.state.digest()}
        relay_store.reopen()


async def test_access_records_come_back_in_their_order_subject_by_subject(
    relay_store: Shelf,
) -> None:
    bodies = [bytes([255 - number]) * 200 for number in range(12)]
    for at in range(0, 12, 4):
        batch = relay_store.batch()
        # They may come in any order: the number counts.
        for number in (at + 2, at, at + 3, at + 1):
            batch.access(SUBJECT, number, bodies[number])
        batch.access(ACCOUNT, at, b"another's")
        await relay_store.store.submit(batch)
    for _ in range(2):
        assert relay_store.store.access_records(SUBJECT) == bodies
        assert relay_store.store.access_records(ACCOUNT) == [b"another's"] * 3
        relay_store.reopen()


async def test_an_access_record_is_never_written_over(relay_store: Shelf) -> None:
    first, second = relay_store.batch(), relay_store.batch()
    first.access(SUBJECT, 0, b"first")
    second.access(SUBJECT, 0, b"second")
    await relay_store.store.submit(first)
    await fails(relay_store, second)
    assert relay_store.store.access_records(SUBJECT) == [b"first"]


async def test_a_nonce_counts_for_the_device_that_used_it_after_a_restart_too(
    relay_store: Shelf,
) -> None:
    batch = relay_store.batch()
    batch.nonce(DEVICE, NONCE, NOW_MS)
    await relay_store.store.submit(batch)
    for _ in range(2):
        assert relay_store.store.nonce_used(DEVICE, NONCE)
        assert not relay_store.store.nonce_used(OTHER_DEVICE, NONCE)
        assert not relay_store.store.nonce_used(DEVICE, b"m" * 16)
        relay_store.reopen()


async def test_a_nonce_is_kept_while_any_clock_allows_its_ticket(relay_store: Shelf) -> None:
    window_ms = TICKET_WINDOW_SECONDS * 1000
    used = [b"%016d" % number for number in range(3)]
    kept = []
    for nonce, later_ms in zip(used, (0, 2 * window_ms, 5 * window_ms), strict=True):
        batch = relay_store.batch()
        batch.nonce(DEVICE, nonce, NOW_MS + later_ms)
        await relay_store.store.submit(batch)
        kept.append([relay_store.store.nonce_used(DEVICE, one) for one in used])
    assert kept == [[True, False, False], [True, True, False], [False, True, True]]
