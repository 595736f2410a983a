"""What a device keeps of a subject, and what a batch of it does."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from replica.desk import LAPTOP, TABLET, Disk, replica, sealed, write
from sakya_sync.errors import DatabaseCorrupt, DiskFull, SakyaError
from sakya_sync.ids import AuthorId, ChainHead, FileId, PeerId
from sakya_sync.mapping.bases import Base, Earlier
from sakya_sync.mapping.guard import Held
from sakya_sync.replica.changes import (
    Change,
    CheckpointMade,
    HeadMoved,
    OwnerMoved,
    PendingAdded,
    PendingCleared,
    RecordAcked,
    RecordKept,
    SnapshotMoved,
)
from sakya_sync.replica.replica import Kept
from sakya_sync.seal.chain import Head
from sakya_sync.store.device.batch import Batch
from sakya_sync.store.device.store import DeviceStore, RoomRow, is_begun

LAPTOP_AUTHOR, TABLET_AUTHOR = AuthorId(LAPTOP.public), AuthorId(TABLET.public)
PEER_MAX = PeerId(2**64 - 2)
BASE = Base(FileId("f" * 43), "one.md", b"d" * 32, 3, 2**62, 2**62, True, "\r\n", True, b"front")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[DeviceStore]:
    opened = DeviceStore(path, create=True)
    yield opened
    opened.close()


def begun(store: DeviceStore, name: str = "structure") -> int:
    """A room that is kept."""
    number = store.next_room()
    batch = Batch()
    batch.room(number, name)
    store.write(batch)
    return number


def keep(batch: Batch, room: int, changes: Sequence[Change]) -> None:
    """As a device does with what its replica asks for."""
    for change in changes:
        batch.change(room, change)


def ordered(kept: Kept) -> Kept:
    """Heads come in any order."""
    return replace(kept, heads=tuple(sorted(kept.heads, key=lambda head: head.author)))


def test_a_database_counts_as_begun_once_something_is_in_it(path: Path) -> None:
    assert not is_begun(path)
    path.touch()
    assert not is_begun(path)
    path.unlink()
    DeviceStore(path, create=True).close()
    assert not is_begun(path)
    store = DeviceStore(path)
    batch = Batch()
    batch.meta("subject", b"x")
    store.write(batch)
    store.close()
    assert is_begun(path)


# Rooms.


def test_a_room_of_which_nothing_is_kept_is_empty(store: DeviceStore) -> None:
    assert store.kept(begun(store)) == Kept()
    assert store.kept(99) == Kept()
    assert store.rooms() == [RoomRow(1, "structure", b"\x00", None)]


def test_room_numbers_are_never_given_twice(store: DeviceStore, path: Path) -> None:
    numbers = [begun(store, f"room-{number}") for number in range(3)]
    store.close()
    with closing(DeviceStore(path)) as again:
        numbers += [begun(again, f"later-{number}") for number in range(3)]
    assert len(set(numbers)) == 6


def test_a_room_that_is_begun_twice_keeps_what_it_holds(store: DeviceStore) -> None:
    room = begun(store)
    batch = Batch()
    batch.pending(room, b"typed")
    batch.room(room, "structure")
    store.write(batch)
    assert store.kept(room).pending == (b"typed",)
    assert [row.number for row in store.rooms()] == [room]


def test_what_a_room_amounts_to_is_known_without_opening_it(store: DeviceStore) -> None:
    room = begun(store)
    batch = Batch()
    batch.holds(room, b"version", b"digest")
    store.write(batch)
    assert store.rooms() == [RoomRow(room, "structure", b"version", b"digest")]


AUTHORS = st.sampled_from([LAPTOP_AUTHOR, TABLET_AUTHOR])
NUMBERS = st.integers(0, 3)
BODIES = st.binary(min_size=1, max_size=8)
HEADS = st.builds(Head, AUTHORS, NUMBERS, st.binary(min_size=32, max_size=32).map(ChainHead))
STEPS: st.SearchStrategy[Change] = st.one_of(
    st.builds(PendingAdded, BODIES),
    st.just(PendingCleared()),
    st.builds(RecordKept, AUTHORS, NUMBERS, BODIES, st.booleans()),
    st.builds(HeadMoved, HEADS),
    # A ledger lets no peer go from one author to another.
    st.builds(OwnerMoved, st.just(PeerId(0)), st.just(LAPTOP_AUTHOR), NUMBERS),
    st.builds(OwnerMoved, st.just(PEER_MAX), st.just(TABLET_AUTHOR), NUMBERS),
    st.builds(SnapshotMoved, NUMBERS, BODIES),
    st.builds(CheckpointMade, BODIES),
)


def consistent(steps: Sequence[Change]) -> list[Change]:
    """The steps of a replica: it keeps a record once, and acks what waits."""
    seen: set[tuple[AuthorId, int]] = set()
    found: list[Change] = []
    for step in steps:
        if isinstance(step, RecordKept):
            key = (step.author, step.wseq)
            if key in seen:
                found.append(RecordAcked(*key))
                continue
            seen.add(key)
        found.append(step)
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=30).map(consistent), st.lists(st.integers(0, 30), max_size=4))
def test_a_room_reads_back_as_what_was_kept_however_it_was_batched(
    store: DeviceStore, steps: list[Change], cuts: list[int]
) -> None:
    """Each example has a room of its own beside those of all others."""
    room = begun(store, f"room-{len(store.rooms())}")
    disk = Disk()
    bounds = [0, *sorted(min(cut, len(steps)) for cut in cuts), len(steps)]
    for start, end in pairwise(bounds):
        batch = Batch()
        keep(batch, room, steps[start:end])
        store.write(batch)
    disk.keep(steps)
    assert ordered(store.kept(room)) == ordered(disk.kept())


def test_a_replica_comes_back_from_a_store_that_was_closed(store: DeviceStore, path: Path) -> None:
    room = begun(store)
    laptop, tablet = replica(LAPTOP, peer=1), replica(TABLET, peer=2)
    write(tablet, "from the tablet ")
    for container in sealed(tablet):
        laptop.receive([container])
    write(laptop, "sent ")
    sealed(laptop)
    write(laptop, "waiting ")
    batch = Batch()
    keep(batch, room, laptop.changes())
    store.write(batch)
    store.close()
    with closing(DeviceStore(path)) as again:
        back = replica(LAPTOP, peer=3, kept=again.kept(room))
    assert back.document.text() == laptop.document.text()
    assert back.heads() == laptop.heads()


def test_sealing_a_rooms_edits_leaves_those_of_others(store: DeviceStore) -> None:
    room, other = begun(store), begun(store, "home")
    batch = Batch()
    batch.pending(room, b"here")
    batch.pending(other, b"there")
    batch.no_pending(room)
    store.write(batch)
    assert store.kept(room).pending == ()
    assert store.kept(other).pending == (b"there",)


def test_every_record_is_kept_verbatim_and_in_order(store: DeviceStore) -> None:
    room, other = begun(store), begun(store, "home")
    bodies = [bytes([number]) * 40 for number in range(5)]
    batch = Batch()
    for number, body in enumerate(bodies):
        batch.record(room, LAPTOP_AUTHOR, number, body, acked=True)
        batch.record(other, LAPTOP_AUTHOR, number, b"of another room", acked=True)
    batch.checkpoint(room, b"all of them")
    store.write(batch)
    assert store.records(room) == tuple(bodies)
    assert store.kept(room).tail == ()


def test_a_record_that_comes_again_stays_as_it_was_and_stays_acked(store: DeviceStore) -> None:
    room = begun(store)
    for acked in (False, True, False):
        batch = Batch()
        batch.record(room, LAPTOP_AUTHOR, 0, b"the record", acked=acked)
        store.write(batch)
        assert store.records(room) == (b"the record",)
    assert store.kept(room).outbox == ()


def test_a_room_is_unsent_while_it_holds_what_the_relay_lacks(store: DeviceStore) -> None:
    room = begun(store)
    begun(store, "home")
    assert store.unsent() == []

    batch = Batch()
    batch.pending(room, b"typed")
    store.write(batch)
    assert store.unsent() == ["structure"]

    batch = Batch()
    batch.no_pending(room)
    batch.record(room, LAPTOP_AUTHOR, 0, b"sealed", acked=False)
    store.write(batch)
    assert store.unsent() == ["structure"]

    batch = Batch()
    batch.acked(room, LAPTOP_AUTHOR, 0)
    store.write(batch)
    assert store.unsent() == []


def test_a_room_is_unrendered_until_the_folder_shows_it(store: DeviceStore) -> None:
    room = begun(store)
    for waits in (True, True, False):
        batch = Batch()
        batch.unrendered(room, waits=waits)
        store.write(batch)
        assert store.unrendered() == (["structure"] if waits else [])


# The subject.


def test_a_named_value_is_the_last_that_was_given(store: DeviceStore) -> None:
    assert store.meta("title") is None
    for value in (b"Salt", b"", b"The Salt Road"):
        batch = Batch()
        batch.meta("title", value)
        store.write(batch)
        assert store.meta("title") == value
    assert store.meta("other") is None


def test_access_records_keep_their_order_and_once_acked_stay_acked(store: DeviceStore) -> None:
    batch = Batch()
    batch.access_record(b"z", b"first", acked=False)
    batch.access_record(b"a", b"second", acked=True)
    store.write(batch)
    assert store.access_records() == [(b"first", False), (b"second", True)]
    batch = Batch()
    batch.access_record(b"z", b"first", acked=True)
    batch.access_record(b"a", b"second", acked=False)
    store.write(batch)
    assert store.access_records() == [(b"first", True), (b"second", True)]


ENTRIES = st.lists(st.tuples(st.sampled_from(["b.md", "a.md"]), st.sampled_from(["y", "x"])))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(ENTRIES)
def test_what_a_writer_should_know_is_told_once_and_only_while_it_holds(
    store: DeviceStore, entries: list[tuple[str, str]]
) -> None:
    batch = Batch()
    batch.attention(entries)
    store.write(batch)
    assert store.attention() == sorted(set(entries))


# Files.


def test_a_base_reads_back_as_it_was(store: DeviceStore) -> None:
    plain = Base(FileId("g" * 43), "café.md", b"", 0, 0, 0, False, "\n", False, b"")
    batch = Batch()
    batch.base(BASE)
    batch.base(plain)
    store.write(batch)
    assert store.bases() == {BASE.file: BASE, plain.file: plain}
    assert store.bases(intended=True) == {}


def test_an_intended_write_stands_beside_the_base_until_it_has_happened(
    store: DeviceStore,
) -> None:
    wanted = replace(BASE, digest=b"n" * 32, size=4)
    batch = Batch()
    batch.base(BASE)
    batch.base(wanted, intended=True)
    store.write(batch)
    assert store.bases() == {BASE.file: BASE}
    assert store.bases(intended=True) == {BASE.file: wanted}
    batch = Batch()
    batch.base(wanted)
    store.write(batch)
    assert store.bases() == {BASE.file: wanted}
    assert store.bases(intended=True) == {}


def test_a_file_that_is_gone_has_no_base_and_no_intended_write(store: DeviceStore) -> None:
    batch = Batch()
    batch.base(BASE)
    batch.base(BASE, intended=True)
    store.write(batch)
    batch = Batch()
    batch.no_base(BASE.file)
    store.write(batch)
    assert store.bases() == store.bases(intended=True) == {}


# Durability.


async def test_a_batch_is_whole_for_whoever_reads_once_it_is_committed(
    store: DeviceStore, path: Path
) -> None:
    room = begun(store)
    for number in range(20):
        batch = Batch()
        batch.pending(room, b"%d" % number)
        batch.meta("last", b"%d" % number)
        await store.commit(batch)
        assert len(store.kept(room).pending) == number + 1
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT count(*) FROM pending").fetchone() == (number + 1,)
            assert other.execute("SELECT value FROM meta").fetchone() == (b"%d" % number,)


async def test_a_batch_that_fails_leaves_nothing_and_the_next_is_taken(
    store: DeviceStore,
) -> None:
    room = begun(store)
    batch = Batch()
    batch.pending(room, b"typed")
    batch.add("INSERT INTO pending (room, body) VALUES (?, ?)", room, None)
    with pytest.raises(SakyaError):
        await store.commit(batch)
    assert store.kept(room) == Kept()
    batch = Batch()
    batch.pending(room, b"typed again")
    await store.commit(batch)
    assert store.kept(room).pending == (b"typed again",)


async def test_a_full_disk_is_said_to_be_full_and_nothing_is_half_kept(
    store: DeviceStore,
) -> None:
    room = begun(store)
    (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
    store._writer.execute(f"PRAGMA max_page_count = {pages + 4}")
    batch = Batch()
    batch.meta("title", b"Salt")
    batch.pending(room, bytes(1_000_000))
    with pytest.raises(DiskFull):
        await store.commit(batch)
    assert store.kept(room) == Kept()
    assert store.meta("title") is None


async def test_an_empty_batch_waits_for_nobody(store: DeviceStore, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await store.commit(Batch())
        assert other.in_transaction


async def test_closing_waits_for_what_was_being_committed(store: DeviceStore, path: Path) -> None:
    commits = []
    for number in range(50):
        batch = Batch()
        batch.meta(str(number), bytes(1000))
        commits.append(asyncio.create_task(store.commit(batch)))
    await asyncio.sleep(0)
    store.close()
    await asyncio.gather(*commits)
    with closing(DeviceStore(path)) as again:
        assert [again.meta(str(number)) for number in range(50)] == [bytes(1000)] * 50


def test_a_store_that_is_not_there_is_not_made_by_looking(path: Path) -> None:
    with pytest.raises(DatabaseCorrupt):
        DeviceStore(path)
    assert not path.exists()


def test_earlier_bases_read_back_in_order_until_the_file_is_gone(store: DeviceStore) -> None:
    bases = (Earlier(b"2", superseded=True), Earlier(b"1"))
    batch = Batch()
    batch.base(BASE)
    batch.earlier(BASE.file, [Earlier(b"0"), *bases])
    batch.earlier(BASE.file, bases)
    store.write(batch)
    assert store.earlier() == {BASE.file: bases}
    batch = Batch()
    batch.no_base(BASE.file)
    store.write(batch)
    assert store.earlier() == {}


def test_what_is_held_is_replaced_as_a_whole(store: DeviceStore) -> None:
    gone, shrunk = Held(FileId("a" * 43), "b.md", gone=True), Held(BASE.file, "a.md", gone=False)
    for entries in ([gone], [gone, shrunk], []):
        batch = Batch()
        batch.held(entries)
        store.write(batch)
        assert store.held() == sorted(entries, key=lambda entry: entry.path)


def test_empty_folders_are_replaced_as_a_whole(store: DeviceStore) -> None:
    for paths in (["drafts"], ["drafts", "notes/old"], []):
        batch = Batch()
        batch.folders(paths)
        store.write(batch)
        assert store.folders() == {*paths}
