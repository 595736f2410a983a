from collections.abc import Callable

import pytest

from relay.people import (
    ANNA,
    LAPTOP,
    SECRET,
    STRANGER,
    STRUCTURE,
    SUBJECT,
    TABLET,
    Pen,
    b64u,
)
from sakya_sync.access.heads import room_digest
from sakya_sync.ids import AuthorId, ChainHead, DeviceId, PeerId, RoomId
from sakya_sync.record import versions
from sakya_sync.record.container import pack
from sakya_sync.record.versions import VersionVector
from sakya_sync.seal.keys import SigningKey
from sakya_sync.seal.sealed import Sealed
from sakya_sync.session.rooms.sealed import (
    Admitted,
    Appended,
    Refused,
    Rights,
    SealedRoom,
    owed,
    reaches_past,
)
from sakya_sync.wire.messages import AckStatus


def device(key: SigningKey) -> DeviceId:
    return DeviceId(key.public)


WRITERS = {AuthorId(LAPTOP.public), AuthorId(TABLET.public)}


def rights(
    key: SigningKey = LAPTOP, *, protected: bool = True, once: frozenset[AuthorId] = frozenset()
) -> Rights:
    return Rights(
        device(key),
        WRITERS.__contains__,
        lambda author: author in WRITERS or author in once,
        protected,
    )


def container(*records: Sealed) -> bytes:
    return pack([record.raw for record in records])


def room_with(*records: Sealed, name: RoomId = STRUCTURE) -> SealedRoom:
    room = SealedRoom(name)
    for record in records:
        admit(room, record, key=record.author)
    return room


def admit(room: SealedRoom, *records: Sealed, key: AuthorId | None = None) -> Admitted:
    own = (
        rights()
        if key is None
        else Rights(device(LAPTOP), WRITERS.__contains__, lambda _: True, False)
    )
    verdict = room.admit([container(*records)], own)
    assert isinstance(verdict, Admitted), verdict
    return verdict


def refusal(room: SealedRoom, *records: Sealed, by: Rights | None = None) -> AckStatus:
    """A batch that is refused, and leaves the room as it was."""
    before = (room.heads(), room.version(), room.digest())
    verdict = room.admit([container(*records)], by or rights())
    assert isinstance(verdict, Refused), verdict
    assert (room.heads(), room.version(), room.digest()) == before
    return verdict.status


def test_a_room_takes_what_continues_its_authors_chain() -> None:
    pen, room = Pen(LAPTOP), SealedRoom(STRUCTURE)
    for _ in range(3):
        record = pen.write()
        assert [item.sealed for item in admit(room, record).appended] == [record]
        assert room.heads() == (pen.head,)
    assert room.version() == VersionVector({PeerId(1): 9})
    assert room.digest() == room_digest(STRUCTURE, [pen.head])


def test_a_batch_is_taken_whole_or_not_at_all() -> None:
    pen, room = Pen(LAPTOP), SealedRoom(STRUCTURE)
    good = [pen.write(), pen.write()]
    assert refusal(room, *good, pen.draft(start=99)) is AckStatus.INVALID_UPDATE
    assert len(admit(room, *good).appended) == 2


def test_a_record_sent_again_is_held_and_not_new() -> None:
    pen, room = Pen(LAPTOP), SealedRoom(STRUCTURE)
    first, second = pen.write(), pen.write()
    admit(room, first, second)
    assert admit(room, second).appended == ()
    assert [item.sealed.wseq for item in admit(room, second, pen.write()).appended] == [2]


@pytest.mark.parametrize("rubbish", [b"", b"\x00", b"\x01\x00", b"\x01\x05abc", bytes(300)])
def test_what_is_no_container_of_records_is_invalid(rubbish: bytes) -> None:
    verdict = SealedRoom(STRUCTURE).admit([rubbish], rights())
    assert isinstance(verdict, Refused)
    assert verdict.status is AckStatus.INVALID_UPDATE


WRONG: list[Callable[[Pen], Sealed]] = [
    lambda pen: pen.draft(wseq=5),
    lambda pen: pen.draft(prev=Pen(TABLET).prev),
    lambda pen: pen.draft(start=pen.end + 1),
    lambda pen: pen.draft(start=0),
    lambda pen: pen.draft(peer=77, start=4),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_record_that_does_not_follow_is_invalid(wrong: Callable[[Pen], Sealed]) -> None:
    pen = Pen(LAPTOP)
    room = room_with(pen.write())
    assert refusal(room, wrong(pen)) is AckStatus.INVALID_UPDATE


def test_a_peer_belongs_to_who_first_wrote_under_it() -> None:
    room = room_with(Pen(TABLET, peer=1).write())
    assert refusal(room, Pen(LAPTOP, peer=1).draft(start=3)) is AckStatus.INVALID_UPDATE
    assert refusal(room, Pen(LAPTOP, peer=1).draft()) is AckStatus.INVALID_UPDATE


def test_a_record_of_another_room_is_invalid_where_signatures_are_checked() -> None:
    elsewhere = Pen(LAPTOP, RoomId(f"{b64u(SUBJECT)}/home"))
    assert refusal(SealedRoom(STRUCTURE), elsewhere.write()) is AckStatus.INVALID_UPDATE


def forged(record: Sealed) -> bytes:
    at = record.raw.index(record.signature)
    return record.raw[:at] + bytes(64) + record.raw[at + 64 :]


def test_a_forged_signature_is_invalid_unless_the_connection_proves_the_author() -> None:
    raw = pack([forged(Pen(LAPTOP).write())])
    verdict = SealedRoom(STRUCTURE).admit([raw], rights(protected=False))
    assert isinstance(verdict, Refused)
    assert verdict.status is AckStatus.INVALID_UPDATE
    assert isinstance(SealedRoom(STRUCTURE).admit([raw], rights()), Admitted)


def test_a_forged_signature_of_another_is_invalid_on_any_connection() -> None:
    raw = pack([forged(Pen(TABLET).write())])
    assert isinstance(SealedRoom(STRUCTURE).admit([raw], rights()), Refused)


def test_a_device_without_write_may_store_nothing() -> None:
    record = Pen(STRANGER).write()
    assert refusal(SealedRoom(STRUCTURE), record, by=rights(STRANGER)) is (
        AckStatus.PERMISSION_DENIED
    )
    theirs = Pen(LAPTOP).write()
    assert refusal(SealedRoom(STRUCTURE), theirs, by=rights(STRANGER)) is (
        AckStatus.PERMISSION_DENIED
    )


def test_a_member_may_bring_records_of_others_who_may_or_once_might_write() -> None:
    gone = frozenset({AuthorId(ANNA.public)})
    by = rights(LAPTOP, once=gone)
    room = SealedRoom(STRUCTURE)
    for key in (TABLET, ANNA):
        assert isinstance(
            room.admit([container(Pen(key, peer=len(room.heads())).write())], by), Admitted
        )
    assert refusal(room, Pen(STRANGER, peer=9).write(), by=by) is AckStatus.PERMISSION_DENIED


def test_two_batches_can_be_under_way_and_the_second_build_on_the_first() -> None:
    pen, room = Pen(LAPTOP), SealedRoom(STRUCTURE)
    one, two = pen.write(), pen.write()
    assert len(admit(room, one).appended) == len(admit(room, two).appended) == 1


def test_another_record_under_a_number_that_is_taken_is_never_called_held() -> None:
    pen = Pen(LAPTOP)
    first = pen.write()
    other = Pen(LAPTOP).write(b"other words")
    second = pen.write()
    stored = {(record.author, record.wseq): record.raw for record in (first, second)}
    room = SealedRoom(STRUCTURE, find=lambda author, wseq: stored.get((author, wseq)))
    admit(room, first)
    assert refusal(room, other) is AckStatus.INVALID_UPDATE
    admit(room, second)
    assert refusal(room, other) is AckStatus.INVALID_UPDATE
    assert admit(room, first, second).appended == ()


GENESIS = SigningKey(bytes(range(32)))
BODY = RoomId(f"{b64u(SUBJECT)}/{b64u(GENESIS.public)}")


def test_a_files_first_record_is_taken_from_any_writer_once() -> None:
    record = Pen(GENESIS, BODY, peer=4).write(b"the file")
    room = SealedRoom(BODY)
    for key in (LAPTOP, TABLET):
        verdict = room.admit([container(record)], rights(key))
        assert isinstance(verdict, Admitted)
        assert len(verdict.appended) == (1 if key is LAPTOP else 0)
    reader = room.admit([container(record)], rights(STRANGER))
    assert isinstance(reader, Admitted), "held already, so there is nothing to permit"
    assert reader.appended == ()


def test_a_files_key_signs_nothing_but_its_first_record() -> None:
    pen = Pen(GENESIS, BODY, peer=4)
    first = pen.write()
    room = SealedRoom(BODY)
    assert refusal(room, pen.draft()) is AckStatus.INVALID_UPDATE
    admit(room, first)
    assert refusal(room, pen.draft()) is AckStatus.INVALID_UPDATE


def test_a_files_key_is_an_author_like_any_other_elsewhere() -> None:
    record = Pen(GENESIS, STRUCTURE).write()
    assert refusal(SealedRoom(STRUCTURE), record) is AckStatus.PERMISSION_DENIED


def two_authors() -> tuple[SealedRoom, Pen, Pen]:
    laptop, tablet = Pen(LAPTOP, peer=1), Pen(TABLET, peer=2)
    stored: dict[tuple[AuthorId, int], bytes] = {}
    room = SealedRoom(STRUCTURE, find=lambda author, wseq: stored.get((author, wseq)))
    for pen in (laptop, tablet):
        for _ in range(2):
            record = pen.write()
            stored[record.author, record.wseq] = record.raw
            admit(room, record, key=pen.author)
    return room, laptop, tablet


def owners(*pens: Pen) -> dict[PeerId, tuple[AuthorId, int]]:
    return {pen.peer: (pen.author, pen.end) for pen in pens}


def test_a_snapshot_of_the_rooms_records_becomes_the_current_one() -> None:
    room, laptop, tablet = two_authors()
    record = laptop.snapshot([laptop.head, tablet.head], owners(laptop, tablet))
    (item,) = admit(room, record).appended
    assert item.current
    assert item.snapshot is not None
    assert item.snapshot[0] == 1
    again = tablet.snapshot(room.heads(), owners(laptop, tablet), 2, parent=item.snapshot[1])
    (item,) = admit(room, again, key=tablet.author).appended
    assert item.current
    assert item.snapshot is not None
    assert item.snapshot[0] == 2


def test_a_snapshot_that_lost_the_race_is_kept_as_a_link_only() -> None:
    room, laptop, tablet = two_authors()
    heads, held = room.heads(), owners(laptop, tablet)
    admit(room, laptop.snapshot(heads, held))
    (item,) = admit(room, tablet.snapshot(heads, held), key=tablet.author).appended
    assert item == Appended(item.sealed)
    assert room.heads() == tuple(sorted((laptop.head, tablet.head), key=lambda head: head.author))


def test_a_snapshot_that_a_record_overtook_is_a_link_of_the_snapshots_too() -> None:
    # Who gets it cannot know that it came too late, and makes the next one follow on it.
    room, laptop, tablet = two_authors()
    before = [laptop.head, tablet.head], owners(laptop, tablet)
    admit(room, tablet.write(), key=tablet.author)
    (item,) = admit(room, laptop.snapshot(*before)).appended
    assert item.snapshot is not None
    assert not item.current
    following = tablet.snapshot(room.heads(), owners(laptop, tablet), 2, parent=item.snapshot[1])
    (item,) = admit(room, following, key=tablet.author).appended
    assert item.current


@pytest.mark.parametrize(
    ("number", "parent"),
    [(0, None), (2, None), (2**32 - 1, None), (1, ChainHead(bytes(32)))],
    ids=["number 0", "a number left out", "the greatest number", "another parent"],
)
def test_a_snapshot_with_another_number_or_parent_follows_nothing(
    number: int, parent: ChainHead | None
) -> None:
    room, laptop, tablet = two_authors()
    heads, held = room.heads(), owners(laptop, tablet)
    (item,) = admit(room, laptop.snapshot(heads, held, number, parent=parent)).appended
    assert item == Appended(item.sealed)
    (item,) = admit(room, tablet.snapshot(room.heads(), held), key=tablet.author).appended
    assert item.current


def test_a_snapshot_of_another_room_is_refused() -> None:
    room, laptop, tablet = two_authors()
    elsewhere = Pen(LAPTOP, RoomId(f"{STRUCTURE}2"))
    elsewhere.wseq, elsewhere.prev = laptop.wseq, laptop.prev
    record = elsewhere.snapshot(room.heads(), owners(laptop, tablet))
    assert refusal(room, record, by=rights(protected=False)) is AckStatus.INVALID_UPDATE


def test_a_snapshot_moves_no_chain_but_its_authors() -> None:
    room, laptop, tablet = two_authors()
    known, held = tablet.head, owners(laptop, tablet)
    tablet.write()
    record = laptop.snapshot([laptop.head, tablet.head], held)
    assert refusal(room, record) is AckStatus.INVALID_UPDATE
    assert known in room.heads()


def test_a_snapshot_moves_no_peer() -> None:
    room, laptop, tablet = two_authors()
    heads = [laptop.head, tablet.head]
    beyond = owners(laptop, tablet) | {tablet.peer: (tablet.author, tablet.end + 5)}
    assert refusal(room, laptop.snapshot(heads, beyond)) is AckStatus.INVALID_UPDATE
    room, laptop, tablet = two_authors()
    claimed = owners(laptop, tablet) | {PeerId(99): (laptop.author, 4)}
    assert refusal(room, laptop.snapshot(heads, claimed)) is AckStatus.INVALID_UPDATE


def test_those_who_give_heads_are_owed_what_comes_after() -> None:
    pen = Pen(LAPTOP)
    pen.write()
    assert owed((pen.head,), b"").after == {pen.author: 0}
    assert not owed((pen.head,), b"").snapshot_first
    assert owed((), b"").snapshot_first


def test_those_who_give_a_version_are_owed_what_reaches_past_it() -> None:
    pen = Pen(LAPTOP)
    first, second = pen.write(), pen.write()
    question = owed(None, versions.encode(VersionVector({PeerId(1): 3})))
    assert question.version is not None
    assert not reaches_past(first, question.version)
    assert reaches_past(second, question.version)
    everything = pen.snapshot([pen.head], owners(pen))
    assert reaches_past(everything, question.version)
    assert not reaches_past(everything, VersionVector({PeerId(1): 6}))


def test_the_relay_needs_no_key() -> None:
    assert not any(bytes(SECRET) in record.raw for record in (Pen(LAPTOP).write(),))
