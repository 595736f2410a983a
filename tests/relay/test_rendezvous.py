"""Mailboxes at a relay that runs: who meets there, who is taken in, and what is left of it."""

import asyncio
import sqlite3

from access.people import digest, sealing_secret, signing_key
from sakya_sync.access.certificates import Certificate, accept, delegate
from sakya_sync.access.founding import enrol_device
from sakya_sync.access.power import Power
from sakya_sync.ids import DeviceId, RoomId
from sakya_sync.limits import RENDEZVOUS_PER_MINUTE_MAX
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.session.rooms.mailbox import (
    Kind,
    Side,
    decode_message,
    encode_message,
    encode_promise,
    encode_register,
    encode_version,
    mailbox_room,
    plate_room,
    promise_digest,
)
from sakya_sync.store.relay.store import FILE
from sakya_sync.wire.messages import AckStatus, DocUpdate, JoinError, JoinResponseOk, Magic

from .people import ACCOUNT, FOUNDING, LAPTOP, STRANGER, TABLET, RawClient, b64u

MEETING, TOKEN = digest("meeting")[:16], digest("token")
ROOM = mailbox_room(MEETING)
SKM = Magic.SKM
PHONE = signing_key("phone")
TABLET_LOCK = sealing_secret("tablet").public
ENROLLED = enrol_device(LAPTOP, TABLET, TABLET_LOCK, Power.WRITE, account=ACCOUNT)
ACCOUNT_ACCESS = RoomId(f"{b64u(ACCOUNT)}/access")


async def enter(
    client: RawClient, side: Side, held: int = 0, room: RoomId = ROOM
) -> JoinResponseOk | JoinError:
    return await client.join(SKM, room, version=encode_version(side, held))


async def met(relay: Relay) -> tuple[RawClient, RawClient]:
    """The laptop, whose account the relay knows, and a tablet that it does not."""
    laptop = await RawClient.connect(relay, LAPTOP)
    await laptop.introduce(FOUNDING)
    tablet = await RawClient.connect(relay, TABLET)
    assert isinstance(await enter(laptop, Side.OPEN), JoinResponseOk)
    assert isinstance(await enter(tablet, Side.CLAIM), JoinResponseOk)
    return laptop, tablet


def promise(token: bytes = TOKEN, device: bytes = TABLET.public) -> bytes:
    return encode_promise(ACCOUNT, promise_digest(token, ACCOUNT, DeviceId(device)))  # type: ignore[arg-type]


def register(*certificates: Certificate, token: bytes = TOKEN) -> bytes:
    listed = certificates or ENROLLED
    return encode_register(ACCOUNT, token, [item.encode() for item in listed])


async def update_of(client: RawClient) -> bytes:
    while (message := await client.next(DocUpdate)).magic is not SKM:
        pass
    (update,) = message.updates
    return update


async def test_two_devices_talk_and_come_back(relay: Relay) -> None:
    laptop, tablet = await met(relay)
    assert await laptop.put_updates(SKM, ROOM, encode_message(0, b"hello")) is AckStatus.OK
    assert decode_message(await update_of(tablet)) == (0, b"hello")
    assert await tablet.put_updates(SKM, ROOM, encode_message(0, b"there")) is AckStatus.OK
    assert decode_message(await update_of(laptop)) == (0, b"there")
    again = await RawClient.connect(relay, TABLET)
    back = await enter(again, Side.CLAIM)
    assert isinstance(back, JoinResponseOk)
    assert back.version == b"\1"
    assert decode_message(await update_of(again)) == (0, b"hello")


async def test_a_third_is_kept_out_and_both_are_told(relay: Relay) -> None:
    laptop, tablet = await met(relay)
    third = await RawClient.connect(relay, STRANGER)
    refused = await enter(third, Side.CLAIM)
    assert isinstance(refused, JoinError)
    assert refused.app_code == "mailbox_taken"
    for client in (laptop, tablet):
        assert await update_of(client) == bytes((Kind.CROWDED,))
    sent = await third.put_updates(SKM, ROOM, encode_message(0, b"me too"))
    assert sent is AckStatus.PERMISSION_DENIED


async def test_a_nameplate_is_looked_up(relay: Relay) -> None:
    laptop = await RawClient.connect(relay, LAPTOP)
    opened = await enter(laptop, Side.OPEN_NUMBERED)
    assert isinstance(opened, JoinResponseOk)
    tablet = await RawClient.connect(relay, TABLET)
    found = await tablet.join(SKM, plate_room(opened.extra[0]))
    assert isinstance(found, JoinResponseOk)
    assert found.extra == MEETING
    other = await tablet.join(SKM, plate_room(9_999))
    assert isinstance(other, JoinError)
    assert other.app_code == "mailbox_unknown"


async def test_attempts_are_limited(relay: Relay) -> None:
    tablet = await RawClient.connect(relay, TABLET)
    codes = []
    for number in range(RENDEZVOUS_PER_MINUTE_MAX + 1):
        answer = await tablet.join(SKM, plate_room(1_000 + number))
        assert isinstance(answer, JoinError)
        codes.append(answer.app_code)
    assert set(codes[:-1]) == {"mailbox_unknown"}
    assert codes[-1] == "rate_limited"


async def test_a_name_that_is_none_is_refused(relay: Relay) -> None:
    tablet = await RawClient.connect(relay, TABLET)
    answer = await enter(tablet, Side.OPEN, room=RoomId("nowhere"))
    assert isinstance(answer, JoinError)
    assert answer.app_code == "room_invalid"


async def test_without_a_ticket_nobody_enters(relay: Relay) -> None:
    tablet = await RawClient.connect(relay, TABLET)
    assert isinstance(await tablet.join(SKM, ROOM, b"", encode_version(Side.OPEN, 0)), JoinError)


async def test_a_promised_device_is_taken_in_at_once(relay: Relay) -> None:
    laptop, tablet = await met(relay)
    assert await laptop.put_updates(SKM, ROOM, promise()) is AckStatus.OK
    before = await tablet.join(Magic.SKA, ACCOUNT_ACCESS)
    assert isinstance(before, JoinError)
    assert await tablet.put_updates(SKM, ROOM, register()) is AckStatus.OK
    after = await tablet.join(Magic.SKA, ACCOUNT_ACCESS)
    assert isinstance(after, JoinResponseOk)
    # Its answer may be lost: the same again is fine.
    assert await tablet.put_updates(SKM, ROOM, register()) is AckStatus.OK


async def test_the_laptop_hears_of_it_in_the_accounts_own_room(relay: Relay) -> None:
    laptop, tablet = await met(relay)
    await laptop.join(Magic.SKA, ACCOUNT_ACCESS, version=b"\x04")
    await laptop.put_updates(SKM, ROOM, promise())
    await tablet.put_updates(SKM, ROOM, register())
    heard: list[bytes] = []
    while len(heard) < len(ENROLLED):
        message = await laptop.next(DocUpdate)
        if message.magic is Magic.SKA:
            heard += [update for update in message.updates if update[:1] != b"N"]
    assert heard[-2:] == [item.encode() for item in ENROLLED]


async def test_a_promise_needs_an_admin_of_the_account(relay: Relay) -> None:
    laptop, tablet = await met(relay)
    assert await tablet.put_updates(SKM, ROOM, promise()) is AckStatus.PERMISSION_DENIED
    assert await tablet.put_updates(SKM, ROOM, register()) is AckStatus.PERMISSION_DENIED
    # A device that may write is no admin.
    await laptop.put_updates(SKM, ROOM, promise())
    await tablet.put_updates(SKM, ROOM, register())
    assert await tablet.put_updates(SKM, ROOM, promise()) is AckStatus.PERMISSION_DENIED


async def test_a_token_is_of_no_use_to_another_device(relay: Relay) -> None:
    """Two devices with one token at the same moment: one wins, the one it was promised to."""
    laptop, tablet = await met(relay)
    await laptop.put_updates(SKM, ROOM, promise())
    # The phone is in a mailbox of its own, and has the token, and a delegation of its own.
    phone = await RawClient.connect(relay, PHONE)
    other = mailbox_room(digest("other")[:16])
    await enter(phone, Side.OPEN, room=other)
    lock = sealing_secret("phone").public
    for_phone = enrol_device(LAPTOP, PHONE, lock, Power.WRITE, account=ACCOUNT)
    results = await asyncio.gather(
        tablet.put_updates(SKM, ROOM, register()),
        phone.put_updates(SKM, other, register(*for_phone)),
    )
    assert list(results) == [AckStatus.OK, AckStatus.PERMISSION_DENIED]
    assert isinstance(await phone.join(Magic.SKA, ACCOUNT_ACCESS), JoinError)


async def test_a_token_is_used_once(relay: Relay) -> None:
    laptop, tablet = await met(relay)
    await laptop.put_updates(SKM, ROOM, promise())
    more = enrol_device(LAPTOP, TABLET, TABLET_LOCK, Power.ADMIN, account=ACCOUNT)
    again = await RawClient.connect(relay, TABLET)
    await enter(again, Side.CLAIM)
    results = await asyncio.gather(
        tablet.put_updates(SKM, ROOM, register()),
        again.put_updates(SKM, ROOM, register(*more)),
    )
    assert sorted(results) == [AckStatus.OK, AckStatus.PERMISSION_DENIED]


async def test_only_certificates_that_make_this_device_one_are_taken(relay: Relay) -> None:
    laptop, tablet = await met(relay)
    await laptop.put_updates(SKM, ROOM, promise())
    granted = delegate(STRANGER, TABLET.public, ACCOUNT, Power.WRITE)
    accepted = accept(TABLET, ACCOUNT, TABLET_LOCK, granted.id)
    also = delegate(LAPTOP, STRANGER.public, ACCOUNT, Power.WRITE)
    for wrong in ((granted, accepted), (ENROLLED[0],), (*ENROLLED, also)):
        answer = await tablet.put_updates(SKM, ROOM, register(*wrong))
        assert answer is AckStatus.PERMISSION_DENIED
    forged = encode_register(ACCOUNT, TOKEN, [ENROLLED[0].encode()[:-1] + b"\0", b"rubbish"])
    assert await tablet.put_updates(SKM, ROOM, forged) is AckStatus.INVALID_UPDATE
    # And none of that used the promise up.
    assert await tablet.put_updates(SKM, ROOM, register()) is AckStatus.OK


async def test_a_closed_mailbox_is_gone_for_both(relay: Relay) -> None:
    laptop, tablet = await met(relay)
    assert await tablet.put_updates(SKM, ROOM, bytes((Kind.CLOSE,))) is AckStatus.OK
    assert await update_of(laptop) == bytes((Kind.CLOSE,))
    late = await laptop.put_updates(SKM, ROOM, encode_message(0, b"x"))
    assert late is AckStatus.PERMISSION_DENIED
    back = await enter(tablet, Side.CLAIM)
    assert isinstance(back, JoinError)
    assert back.app_code == "mailbox_unknown"


async def test_rubbish_is_answered(relay: Relay) -> None:
    laptop, _ = await met(relay)
    for rubbish in (b"\xff", b"\0"):
        assert await laptop.put_updates(SKM, ROOM, rubbish) is AckStatus.INVALID_UPDATE
    both = await laptop.put_updates(SKM, ROOM, encode_message(0, b"a"), encode_message(1, b"b"))
    assert both is AckStatus.INVALID_UPDATE


async def test_nothing_of_a_mailbox_is_ever_on_the_relays_disk(
    relay: Relay, config: RelayConfig
) -> None:
    laptop, tablet = await met(relay)
    await laptop.put_updates(SKM, ROOM, encode_message(0, b"a tracer in a lane"))
    await laptop.put_updates(SKM, ROOM, promise())
    await tablet.put_updates(SKM, ROOM, register())
    with sqlite3.connect(config.data / FILE) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
        dump = "\n".join(connection.iterdump())
    disk = b"".join(path.read_bytes() for path in config.data.rglob("*") if path.is_file())
    for planted in (b"a tracer in a lane", TOKEN, MEETING, promise()[33:]):
        assert planted not in disk
        assert planted.hex().upper() not in dump
