"""What the relay takes in, keeps, and hands on."""

import sqlite3
from collections.abc import Callable

import pytest

from sakya_sync.access.certificates import Certificate, delegate, revoke
from sakya_sync.access.payload import JoinExtra, JoinPayload
from sakya_sync.access.power import Power
from sakya_sync.ids import AuthorId, PeerId, RoomId
from sakya_sync.record.container import pack
from sakya_sync.record.versions import VersionVector, encode
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.seal.chain import Head, snapshot_link
from sakya_sync.seal.sealed import Sealed
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import (
    AckStatus,
    DocUpdate,
    JoinError,
    JoinResponseOk,
    Magic,
    RoomError,
)

from .people import (
    ACCESS,
    ACCOUNT,
    ANNA,
    FOUNDING,
    LAPTOP,
    PROJECT,
    STRANGER,
    STRUCTURE,
    SUBJECT,
    TABLET,
    Pen,
    RawClient,
    b64u,
    enrolled,
)


def enrol_fresh() -> bytes:
    """One more delegation over the project, by the project's own key."""
    return delegate(PROJECT, STRANGER.public, SUBJECT, Power.READ).encode()


BOTH = (*FOUNDING, *enrolled(TABLET))


async def writer(relay: Relay, certificates: tuple[Certificate, ...] = BOTH) -> RawClient:
    """The laptop, in both rooms; both of Anna's devices are known from then on."""
    laptop = await RawClient.connect(relay, LAPTOP)
    await laptop.introduce(certificates)
    await laptop.enter()
    return laptop


async def reader(relay: Relay, heads: tuple[Head, ...] | None = ()) -> RawClient:
    """The tablet, in the structure room."""
    tablet = await RawClient.connect(relay, TABLET)
    await tablet.introduce(())
    await tablet.enter(heads=heads)
    return tablet


async def heads_at(relay: Relay) -> tuple[Head, ...]:
    """What the relay says that it holds of the structure room."""
    tablet = await RawClient.connect(relay, TABLET)
    await tablet.introduce(())
    return JoinExtra.decode((await tablet.enter()).extra).heads or ()


def broken_signature(pen: Pen) -> bytes:
    """The next record, signed by nobody."""
    sealed = pen.draft()
    return sealed.raw.replace(sealed.signature, bytes(64))


def with_changed_words(pen: Pen) -> bytes:
    """The next record with one bit of its sealed words turned."""
    raw = pen.draft().raw
    return raw[:-1] + bytes([raw[-1] ^ 1])


def after_a_gap(pen: Pen) -> bytes:
    """The record after the next, without the next."""
    return pen.draft(wseq=pen.wseq + 1).raw


def on_another_chain(pen: Pen) -> bytes:
    """The next by its number, which does not link to the last."""
    return pen.draft(prev=Pen(STRANGER).prev).raw


def with_a_gap_in_the_span(pen: Pen) -> bytes:
    """The next, whose operations do not follow on the last ones."""
    return pen.draft(start=pen.end + 1).raw


def under_the_peer_of_the_tablet(pen: Pen) -> bytes:
    """The next, under a peer id that another author began."""
    return pen.draft(peer=2, start=3).raw


def for_another_room(pen: Pen) -> bytes:
    """A first record sealed for another room."""
    return Pen(pen.key, ACCESS).write().raw


def rubbish(pen: Pen) -> bytes:
    """No record at all."""
    return bytes(200)


WRONG = [
    broken_signature,
    with_changed_words,
    after_a_gap,
    on_another_chain,
    with_a_gap_in_the_span,
    under_the_peer_of_the_tablet,
    for_another_room,
    rubbish,
]


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_record_is_an_invalid_update_and_nothing_of_its_batch_is_stored(
    relay: Relay, wrong: Callable[[Pen], bytes]
) -> None:
    await writer(relay)
    tablet = await reader(relay)
    theirs = Pen(TABLET, peer=2)
    assert await tablet.put(theirs.write()) is AckStatus.OK
    laptop = RawClient.unprotected(relay, LAPTOP)
    await laptop.introduce(())
    await laptop.enter()
    pen = Pen(LAPTOP)
    good = pen.write()
    container = pack([good.raw, wrong(pen)])
    status = await laptop.put_updates(Magic.ELO, STRUCTURE, container)
    assert status is AckStatus.INVALID_UPDATE
    assert await heads_at(relay) == (theirs.head,)
    assert await laptop.put(good) is AckStatus.OK
    assert set(await heads_at(relay)) == {theirs.head, pen.head}


async def test_nobody_writes_in_the_name_of_an_author_that_is_not_known(relay: Relay) -> None:
    laptop = await writer(relay)
    good, foreign = Pen(LAPTOP).write(), Pen(STRANGER, peer=9).write()
    assert await laptop.put(good, foreign) is AckStatus.PERMISSION_DENIED
    assert await heads_at(relay) == ()


async def test_a_device_may_bring_what_another_device_wrote(relay: Relay) -> None:
    laptop = await writer(relay)
    pen = Pen(TABLET, peer=2)
    assert await laptop.put(pen.write(), pen.write()) is AckStatus.OK
    assert await heads_at(relay) == (pen.head,)


async def test_what_is_acked_is_committed(relay: Relay, config: RelayConfig) -> None:
    laptop = await writer(relay)
    pen = Pen(LAPTOP)
    written: list[Sealed] = []
    for _ in range(20):
        written.append(pen.write())
        assert await laptop.put(written[-1]) is AckStatus.OK
        other = sqlite3.connect(config.data / "relay.sqlite")
        try:
            stored = [body for (body,) in other.execute("SELECT body FROM record ORDER BY seq")]
        finally:
            other.close()
        assert stored == [item.raw for item in written]


async def test_a_record_sent_twice_is_acked_twice_and_kept_once(
    relay: Relay, config: RelayConfig
) -> None:
    laptop = await writer(relay)
    record = Pen(LAPTOP).write()
    for _ in range(2):
        assert await laptop.put(record) is AckStatus.OK
    other = sqlite3.connect(config.data / "relay.sqlite")
    try:
        assert other.execute("SELECT count(*) FROM record").fetchall() == [(1,)]
    finally:
        other.close()


async def test_a_second_reader_gets_a_record_live_and_its_author_does_not(
    relay: Relay,
) -> None:
    laptop = await writer(relay)
    tablet = await reader(relay)
    first, second = (pen := Pen(LAPTOP)).write(), pen.write()
    assert await laptop.put(first, second) is AckStatus.OK
    assert await tablet.records(2) == [first.raw, second.raw]
    third = Pen(TABLET, peer=2).write()
    assert await tablet.put(third) is AckStatus.OK
    assert await laptop.records(1) == [third.raw]


async def test_a_join_by_heads_gets_only_what_is_missing(relay: Relay) -> None:
    laptop = await writer(relay)
    pen = Pen(LAPTOP)
    assert await laptop.put(pen.write(), pen.write()) is AckStatus.OK
    held = pen.head
    third = pen.write()
    assert await laptop.put(third) is AckStatus.OK
    tablet = await reader(relay, (held,))
    live = pen.write()
    assert await laptop.put(live) is AckStatus.OK
    assert await tablet.records(2) == [third.raw, live.raw]


async def test_a_join_with_all_heads_gets_nothing_but_what_comes_after(relay: Relay) -> None:
    laptop = await writer(relay)
    pen = Pen(LAPTOP)
    assert await laptop.put(pen.write()) is AckStatus.OK
    tablet = await reader(relay, (pen.head,))
    live = pen.write()
    assert await laptop.put(live) is AckStatus.OK
    assert await tablet.records(1) == [live.raw]


async def test_a_join_without_heads_gets_the_snapshot_and_what_it_does_not_cover(
    relay: Relay,
) -> None:
    laptop = await writer(relay)
    pen = Pen(LAPTOP)
    assert await laptop.put(pen.write(), pen.write()) is AckStatus.OK
    owners = {pen.peer: (pen.author, pen.end)}
    snapshot = pen.snapshot([pen.head], owners)
    last = pen.write()
    assert await laptop.put(snapshot, last) is AckStatus.OK
    tablet = await reader(relay)
    assert await tablet.records(2) == [snapshot.raw, last.raw]


async def test_a_snapshot_that_a_record_overtook_is_not_the_one_that_is_served(
    relay: Relay,
) -> None:
    laptop = await writer(relay)
    mine, theirs = Pen(LAPTOP), Pen(TABLET, peer=2)

    def owners() -> dict[PeerId, tuple[AuthorId, int]]:
        return {pen.peer: (pen.author, pen.end) for pen in (mine, theirs)}

    first, second = mine.write(), theirs.write()
    assert await laptop.put(first, second) is AckStatus.OK
    served = mine.snapshot([mine.head, theirs.head], owners())
    assert await laptop.put(served) is AckStatus.OK
    parent = snapshot_link(served.parent, served.digest(STRUCTURE))
    heads, held = [mine.head, theirs.head], owners()
    overtaking = theirs.write()
    overtaken = mine.snapshot(heads, held, 2, parent=parent)
    assert await laptop.put(overtaking, overtaken) is AckStatus.OK
    tablet = await reader(relay)
    assert await tablet.records(3) == [served.raw, overtaking.raw, overtaken.raw]
    parent = snapshot_link(parent, overtaken.digest(STRUCTURE))
    following = theirs.snapshot([mine.head, theirs.head], owners(), 3, parent=parent)
    assert await laptop.put(following) is AckStatus.OK
    again = await reader(relay)
    assert await again.records(1) == [following.raw]


async def test_a_stock_client_is_served_by_its_version(relay: Relay) -> None:
    laptop = await writer(relay)
    pen = Pen(LAPTOP)
    first, second = pen.write(), pen.write()
    assert await laptop.put(first, second) is AckStatus.OK
    tablet = await RawClient.connect(relay, TABLET)
    await tablet.introduce(())
    version = encode(VersionVector({pen.peer: 3}))
    answer = await tablet.join(Magic.ELO, STRUCTURE, b"", version)
    assert isinstance(answer, JoinResponseOk)
    assert answer.version == encode(VersionVector({pen.peer: 6}))
    assert await tablet.records(1) == [second.raw]


async def test_a_relay_holds_after_a_restart_what_it_held_before(config: RelayConfig) -> None:
    pen = Pen(LAPTOP)
    written = [pen.write() for _ in range(5)]
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        assert await (await writer(relay)).put(*written) is AckStatus.OK
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        tablet = await reader(relay)
        assert await tablet.records(5) == [item.raw for item in written]
        laptop = await writer(relay, ())
        assert await laptop.put(pen.write()) is AckStatus.OK


async def test_a_removed_device_is_put_out_and_cannot_come_back(relay: Relay) -> None:
    laptop = await writer(relay)
    tablet = await reader(relay)
    account = RoomId(f"{b64u(ACCOUNT)}/access")
    assert isinstance(await laptop.join(Magic.SKA, account), JoinResponseOk)
    removal = revoke(ANNA, enrolled(TABLET)[0].id)
    status = await laptop.put_updates(Magic.SKA, account, removal.encode())
    assert status is AckStatus.OK
    assert {(await tablet.next(RoomError)).room for _ in range(2)} == {ACCESS, STRUCTURE}
    record = Pen(TABLET, peer=2).write()
    assert await tablet.put(record) is AckStatus.PERMISSION_DENIED
    again = await RawClient.connect(relay, TABLET)
    assert isinstance(await again.join(Magic.SKA, ACCESS), JoinError)
    assert isinstance(await again.join(Magic.ELO, STRUCTURE), JoinError)


async def test_access_records_come_in_the_order_they_were_stored_and_from_where_a_join_asks(
    relay: Relay,
) -> None:
    await writer(relay, BOTH)
    laptop = await RawClient.connect(relay, LAPTOP)
    whole = await laptop.introduce(())
    (count,) = whole.version
    records = [body for body in (await laptop.next(DocUpdate)).updates if not body.startswith(b"N")]
    assert len(records) == count > 0
    later = await RawClient.connect(relay, LAPTOP)
    payload = JoinPayload(later.ticket(Magic.SKA, ACCESS))
    await later.join(Magic.SKA, ACCESS, payload, bytes([count]))
    fresh = enrol_fresh()
    assert await laptop.put_updates(Magic.SKA, ACCESS, fresh) is AckStatus.OK
    assert (await later.next(DocUpdate)).updates == (fresh,)


async def test_an_access_record_that_does_not_verify_is_refused(relay: Relay) -> None:
    laptop = await writer(relay)
    record = enrol_fresh()
    wrong = record[:-1] + bytes([record[-1] ^ 1])
    for body in (wrong, b"N\x01\x00", b"", bytes(195)):
        status = await laptop.put_updates(Magic.SKA, ACCESS, body)
        assert status is AckStatus.INVALID_UPDATE


async def test_who_has_left_a_room_cannot_write_into_it(relay: Relay) -> None:
    laptop = await writer(relay)
    laptop.leave(Magic.ELO, STRUCTURE)
    assert await laptop.put(Pen(LAPTOP).write()) is AckStatus.PERMISSION_DENIED
    assert await heads_at(relay) == ()
