import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakya_sync.ids import AuthorId, DeviceId, PeerId
from sakya_sync.record.container import pack, unpack
from sakya_sync.record.spans import Span
from sakya_sync.replica.document import Document
from sakya_sync.replica.events import Forked, Gap, Imported, KeyWanted, Rejected
from sakya_sync.replica.replica import Replica
from sakya_sync.replica.steps import Delete, Insert
from sakya_sync.seal import chain
from sakya_sync.seal.keys import SigningKey
from sakya_sync.seal.opener import open_sealed
from sakya_sync.seal.ring import KeyRing
from sakya_sync.seal.sealed import SealedSnapshot, parse
from sakya_sync.seal.sealer import seal_delta, seal_snapshot
from sakya_sync.session.rooms.sealed import Admitted, Appended, Rights, SealedRoom

from .desk import LAPTOP, RING, ROOM, SECRET, TABLET, Disk, replica, sealed, write


def pair() -> tuple[Replica, Replica]:
    return replica(), replica(TABLET, peer=2)


def same(one: Replica, other: Replica) -> bool:
    return one.document.content_hash() == other.document.content_hash()


def test_what_one_writes_the_other_reads() -> None:
    laptop, tablet = pair()
    write(laptop, "Salt has to be weighed.")
    tablet.receive(sealed(laptop))
    assert tablet.document.text() == "Salt has to be weighed."
    assert Imported() in tablet.events()
    assert tablet.heads() == laptop.heads()


@settings(max_examples=30, deadline=None)
@given(st.integers())
def test_offline_edits_converge_in_any_order_of_delivery(seed: int) -> None:
    dice = random.Random(seed)
    laptop, tablet = pair()
    batches: list[tuple[Replica, list[bytes]]] = []
    for number in range(8):
        writer, reader = dice.choice([(laptop, tablet), (tablet, laptop)])
        write(writer, f"[{number}]", dice.randint(0, len(writer.document.text())))
        batches.append((reader, sealed(writer)))
    dice.shuffle(batches)
    for reader, containers in batches:
        reader.receive(containers)
    assert same(laptop, tablet)
    assert all(str(number) in laptop.document.text() for number in range(8))
    assert laptop.heads() == tablet.heads()


def test_no_word_of_a_concurrent_edit_is_lost() -> None:
    laptop, tablet = pair()
    write(laptop, "one two")
    tablet.receive(sealed(laptop))
    write(laptop, "LAPTOP ", 4)
    write(tablet, " TABLET", 7)
    first, second = sealed(laptop), sealed(tablet)
    laptop.receive(second)
    tablet.receive(first)
    assert laptop.document.text() == tablet.document.text() == "one LAPTOP two TABLET"


def test_keystrokes_before_a_seal_leave_as_one_record() -> None:
    laptop, _ = pair()
    for letter in "typed":
        write(laptop, letter, len(laptop.document.text()))
    (container,) = sealed(laptop)
    assert len(unpack(container)) == 1


def test_a_gap_waits_and_is_told_of() -> None:
    laptop, tablet = pair()
    containers = []
    for word in ("one ", "two ", "three "):
        write(laptop, word)
        containers.append(sealed(laptop))
    tablet.receive(containers[2])
    assert tablet.document.text() == ""
    assert [event for event in tablet.events() if isinstance(event, Gap)]
    tablet.receive(containers[0])
    tablet.receive(containers[1])
    assert same(laptop, tablet)


def test_what_is_received_twice_changes_nothing() -> None:
    laptop, tablet = pair()
    write(laptop, "once")
    containers = sealed(laptop)
    tablet.receive(containers)
    tablet.changes()
    tablet.events()
    tablet.receive(containers)
    assert tablet.changes() == []
    assert tablet.events() == []


def test_a_record_under_a_key_that_is_not_here_waits_for_it() -> None:
    laptop, tablet = replica(), replica(TABLET, 2, ring=KeyRing())
    write(laptop, "sealed")
    tablet.receive(sealed(laptop))
    assert [event for event in tablet.events() if isinstance(event, KeyWanted)]
    tablet.set_ring(RING)
    assert tablet.document.text() == "sealed"


def test_two_histories_of_one_author_are_told_of() -> None:
    one, other, tablet = replica(), replica(peer=5), replica(TABLET, 2)
    write(one, "this")
    write(other, "that")
    tablet.receive(sealed(one))
    tablet.receive(sealed(other))
    assert [event for event in tablet.events() if isinstance(event, Forked)]
    assert tablet.document.text() == "this"


def forged(*parts: tuple[bytes, Span], key: SigningKey = TABLET) -> list[bytes]:
    """An author's first records, rightly sealed, whatever they hold."""
    author = AuthorId(key.public)
    prev, records = chain.genesis(author, ROOM), []
    for number, (payload, span) in enumerate(parts):
        record = seal_delta(SECRET, ROOM, key, number, prev, span, payload, random=bytes(32))
        prev = record.chain(ROOM)
        records.append(record.raw)
    return records


def test_a_record_that_holds_other_operations_than_it_says_is_left_out() -> None:
    writer = replica(TABLET, 9)
    write(writer, "xyz")
    payload = writer.document.export_span(Span(PeerId(9), 0, 3))
    reader = replica()
    reader.receive([pack(forged((payload, Span(PeerId(9), 0, 7))))])
    assert reader.document.text() == ""
    assert [event for event in reader.events() if isinstance(event, Rejected)]


def unfit() -> list[bytes]:
    """Records whose spans are right, and of which the second cannot follow the first."""
    lists, texts = Document(PeerId(9)), Document(PeerId(9))
    with lists.edit() as loro:
        for number in range(5):
            loro.get_list("list").push(number)
    with texts.edit():
        texts.apply_steps([Insert("hello")])
    with texts.edit():
        texts.apply_steps([Delete(3)])
    first, second = Span(PeerId(9), 0, 5), Span(PeerId(9), 5, 8)
    return forged((lists.export_span(first), first), (texts.export_span(second), second))


def test_a_record_that_loro_cannot_take_in_harms_nothing_else_now_or_after_a_restart() -> None:
    disk, laptop, other = Disk(), replica(), replica(SigningKey(b"o" * 32), 3)
    write(laptop, "Mine stays. ")
    write(other, "So does this.")
    containers = sealed(other)
    for records in (unfit(), [raw for container in containers for raw in unpack(container)]):
        laptop.receive([pack(records)])
    assert [event.wseq for event in laptop.events() if isinstance(event, Rejected)] == [1]
    disk.keep(laptop.changes())
    again = replica(kept=disk.kept(), peer=4)
    assert [event.wseq for event in again.events() if isinstance(event, Rejected)] == [1]
    assert same(laptop, again)
    assert "Mine stays. " in again.document.text()
    assert "So does this." in again.document.text()
    write(again, "Writing goes on. ")
    other.receive([pack(unfit()), *sealed(again)])
    assert "Writing goes on. " in other.document.text()


def test_a_peer_belongs_to_whoever_first_wrote_under_it() -> None:
    laptop, reader = replica(peer=9), replica(SigningKey(b"r" * 32), 3)
    write(laptop, "mine")
    reader.receive(sealed(laptop))
    writer = replica(TABLET, 9)
    write(writer, "abcdef")
    payload = writer.document.export_span(Span(PeerId(9), 4, 6))
    reader.receive([pack(forged((payload, Span(PeerId(9), 4, 6))))])
    assert reader.document.text() == "mine"
    assert [event for event in reader.events() if isinstance(event, Rejected)]


@given(st.binary(max_size=200))
def test_rubbish_from_the_relay_becomes_an_event(rubbish: bytes) -> None:
    reader = replica()
    reader.receive([rubbish, pack([rubbish])])
    assert all(isinstance(event, Rejected) for event in reader.events())
    assert reader.document.text() == ""


def test_what_was_not_acked_is_sent_again_verbatim() -> None:
    laptop, _ = pair()
    write(laptop, "unacked")
    laptop.seal(SECRET, lambda: bytes(32))
    first = laptop.parcels()
    assert laptop.parcels() == []
    laptop.lost()
    assert laptop.parcels() == first
    assert laptop.unsent
    laptop.acked(first[0])
    assert not laptop.unsent


@pytest.mark.parametrize("moment", range(5))
def test_a_device_that_dies_at_any_step_goes_on_where_it_was(moment: int) -> None:
    disk, tablet = Disk(), replica(TABLET, 2)
    laptop = replica()
    write(laptop, "first ")
    disk.keep(laptop.changes())
    if moment >= 1:
        laptop.seal(SECRET, lambda: bytes(32))
        disk.keep(laptop.changes())
    if moment >= 2:
        tablet.receive([parcel.container for parcel in laptop.parcels()])
    if moment >= 3:
        write(laptop, "second ")
        disk.keep(laptop.changes())
    if moment >= 4:
        laptop.checkpoint()
        disk.keep(laptop.changes())
    again = replica(peer=3, kept=disk.kept())
    assert again.document.text() == laptop.document.text()
    tablet.receive(sealed(again))
    assert same(again, tablet)
    assert not [event for event in tablet.events() if isinstance(event, Rejected | Forked)]


def test_a_fresh_device_needs_only_the_snapshot_and_what_follows() -> None:
    laptop, late = pair()
    for number in range(5):
        write(laptop, f"{number} ")
        sealed(laptop)
    laptop.snapshot(SECRET, lambda: bytes(32))
    (snapshot,) = sealed(laptop)
    write(laptop, "after ")
    late.receive([snapshot])
    late.receive(sealed(laptop))
    assert same(laptop, late)
    write(late, "answer ")
    laptop.receive(sealed(late))
    assert same(laptop, late)


def attested(containers: list[bytes]) -> list[list[tuple[bytes, int, bytes]]]:
    """What each record says that its author had seen."""
    records = [parse(raw) for container in containers for raw in unpack(container)]
    opened = [open_sealed(record, SECRET, ROOM) for record in records]
    return [[(item.author_prefix, item.wseq, item.chain) for item in one.seen] for one in opened]


def test_a_record_attests_each_head_that_came_since_the_last_one_and_once() -> None:
    laptop, tablet = pair()
    author = AuthorId(LAPTOP.public)

    def head() -> tuple[bytes, int, bytes]:
        found = next(head for head in laptop.heads() if head.author == author)
        return author[:8], found.wseq, found.chain

    write(laptop, "one ")
    first = sealed(laptop)
    assert attested(first) == [[]]
    write(laptop, "two ")
    tablet.receive([*first, *sealed(laptop)])
    # Nothing to seal: what was seen is kept for the record that will carry it.
    assert sealed(tablet) == []
    write(tablet, "three ")
    assert attested(sealed(tablet)) == [[head()]]
    write(tablet, "four ")
    assert attested(sealed(tablet)) == [[]]
    write(laptop, "five ")
    tablet.receive(sealed(laptop))
    write(tablet, "six ")
    assert attested(sealed(tablet)) == [[head()]]


def test_the_heads_of_all_others_are_attested_in_order() -> None:
    reader = replica(TABLET, peer=2)
    writers = [replica(SigningKey(n.to_bytes(32, "big")), peer=n) for n in range(10, 14)]
    for writer in writers:
        write(writer, "words ")
        reader.receive(sealed(writer))
    write(reader, "mine ")
    (found,) = attested(sealed(reader))
    assert [prefix for prefix, _, _ in found] == sorted(
        writer.heads()[0].author[:8] for writer in writers
    )


def test_devices_and_relay_go_on_from_one_snapshot_after_a_race() -> None:
    room = SealedRoom(ROOM)
    rights = Rights(DeviceId(LAPTOP.public), lambda _: True, lambda _: True, protected=False)

    def send(writer: Replica) -> tuple[bytes, Appended]:
        writer.seal(SECRET, lambda: bytes(32))
        (parcel,) = writer.parcels()
        verdict = room.admit([parcel.container], rights)
        assert isinstance(verdict, Admitted)
        writer.acked(parcel)
        return parcel.container, verdict.appended[0]

    laptop, tablet = pair()
    write(laptop, "one ")
    tablet.receive([send(laptop)[0]])
    write(tablet, "two ")
    laptop.receive([send(tablet)[0]])
    # Of a snapshot that a record overtakes, the relay alone knows that it came too late.
    write(tablet, "overtakes ")
    overtaking, _ = send(tablet)
    laptop.snapshot(SECRET, lambda: bytes(32))
    overtaken, late = send(laptop)
    assert not late.current
    laptop.receive([overtaking])
    tablet.receive([overtaken])
    for writer, reader in ((laptop, tablet), (tablet, laptop)):
        writer.snapshot(SECRET, lambda: bytes(32))
        container, following = send(writer)
        assert following.current
        reader.receive([container])
    assert same(laptop, tablet)


@pytest.mark.parametrize("number", [3, 2**32 - 1])
def test_a_snapshot_whose_number_is_not_the_next_is_not_followed(number: int) -> None:
    laptop, tablet = pair()
    write(laptop, "words")
    tablet.receive(sealed(laptop))
    tablet.snapshot(SECRET, lambda: bytes(32))
    laptop.receive(sealed(tablet))
    laptop.snapshot(SECRET, lambda: bytes(32))
    (container,) = sealed(laptop)
    honest = parse(unpack(container)[0])
    assert isinstance(honest, SealedSnapshot)
    assert honest.number == 2
    forged = seal_snapshot(
        SECRET, ROOM, LAPTOP, honest.wseq, honest.prev, honest.version, honest.owners,
        honest.heads, number, honest.parent, open_sealed(honest, SECRET, ROOM).payload,
        random=bytes(32),
    )  # fmt: skip
    tablet.receive([pack([forged.raw])])
    tablet.snapshot(SECRET, lambda: bytes(32))
    (container,) = sealed(tablet)
    again = parse(unpack(container)[0])
    assert isinstance(again, SealedSnapshot)
    assert (again.number, again.parent) == (2, honest.parent)


def test_a_device_that_is_served_the_last_possible_snapshot_can_still_make_one() -> None:
    laptop, late = pair()
    write(laptop, "words")
    sealed(laptop)
    laptop.snapshot(SECRET, lambda: bytes(32))
    (container,) = sealed(laptop)
    honest = parse(unpack(container)[0])
    assert isinstance(honest, SealedSnapshot)
    last = seal_snapshot(
        SECRET, ROOM, LAPTOP, honest.wseq, honest.prev, honest.version, honest.owners,
        honest.heads, 2**32 - 1, honest.parent, open_sealed(honest, SECRET, ROOM).payload,
        random=bytes(32),
    )  # fmt: skip
    late.receive([pack([last.raw])])
    assert late.document.text() == "words"
    late.snapshot(SECRET, lambda: bytes(32))
    assert sealed(late)


def test_a_stranger_cannot_write() -> None:
    reader = Replica(ROOM, LAPTOP, PeerId(1), RING, lambda _: False, Disk().kept())
    stranger = replica(TABLET, 9)
    write(stranger, "x")
    reader.receive(sealed(stranger))
    assert reader.document.text() == ""
    assert [event for event in reader.events() if isinstance(event, Rejected)]
