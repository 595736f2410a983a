"""A device that the project does not know can neither join nor write."""

import pytest

from sakya_sync.access.payload import JoinPayload
from sakya_sync.access.power import Power
from sakya_sync.ids import RoomId
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import (
    AckStatus,
    JoinError,
    JoinErrorCode,
    JoinResponseOk,
    Magic,
    Permission,
)

from .people import (
    ACCESS,
    FOUNDING,
    LAPTOP,
    PROJECT_CERTIFICATES,
    STRANGER,
    STRUCTURE,
    TABLET,
    Pen,
    RawClient,
    WallClock,
    enrolled,
)

INTRODUCTION = tuple(item.encode() for item in FOUNDING)


async def refused(
    client: RawClient, ticket: bytes | None, *, room: RoomId = ACCESS
) -> JoinErrorCode:
    """How the relay refuses a join with the founding certificates and that ticket."""
    answer = await client.join(Magic.SKA, room, JoinPayload(ticket, INTRODUCTION))
    assert isinstance(answer, JoinError), answer
    assert await client.put_updates(Magic.SKA, room, INTRODUCTION[0]) is AckStatus.PERMISSION_DENIED
    return answer.code


async def test_the_founding_device_joins_and_writes(relay: Relay) -> None:
    laptop = await RawClient.connect(relay, LAPTOP)
    assert (await laptop.introduce()).permission is Permission.WRITE
    await laptop.enter()
    assert await laptop.put(Pen(LAPTOP).write()) is AckStatus.OK


async def test_without_a_ticket_nobody_joins(relay: Relay) -> None:
    client = await RawClient.connect(relay, LAPTOP)
    assert await refused(client, None) is JoinErrorCode.AUTH_FAILED


async def test_a_forged_ticket_proves_nothing(relay: Relay) -> None:
    stranger = await RawClient.connect(relay, STRANGER)
    forged = LAPTOP.public + stranger.ticket(Magic.SKA, ACCESS)[32:]
    assert await refused(stranger, forged) is JoinErrorCode.AUTH_FAILED
    genuine = (await RawClient.connect(relay, LAPTOP)).ticket(Magic.SKA, ACCESS)
    flipped = genuine[:-1] + bytes([genuine[-1] ^ 1])
    assert await refused(stranger, flipped) is JoinErrorCode.AUTH_FAILED


async def test_a_ticket_is_good_once(relay: Relay) -> None:
    laptop = await RawClient.connect(relay, LAPTOP)
    ticket = laptop.ticket(Magic.SKA, ACCESS)
    joined = await laptop.join(Magic.SKA, ACCESS, JoinPayload(ticket, INTRODUCTION))
    assert isinstance(joined, JoinResponseOk)
    thief = await RawClient.connect(relay, STRANGER)
    assert await refused(thief, ticket) is JoinErrorCode.AUTH_FAILED


async def test_a_used_ticket_is_refused_after_a_restart_of_the_relay(config: RelayConfig) -> None:
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        laptop = await RawClient.connect(relay, LAPTOP)
        ticket = laptop.ticket(Magic.SKA, ACCESS)
        joined = await laptop.join(Magic.SKA, ACCESS, JoinPayload(ticket, INTRODUCTION))
        assert isinstance(joined, JoinResponseOk)
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        thief = await RawClient.connect(relay, STRANGER)
        assert await refused(thief, ticket) is JoinErrorCode.AUTH_FAILED
        fresh = await RawClient.connect(relay, LAPTOP)
        await fresh.introduce(())


async def test_a_ticket_made_out_to_another_relay_is_refused(relay: Relay) -> None:
    client = await RawClient.connect(relay, LAPTOP)
    ticket = client.ticket(Magic.SKA, ACCESS, url="ws://other.test")
    assert await refused(client, ticket) is JoinErrorCode.AUTH_FAILED


async def test_a_ticket_for_another_room_or_kind_of_room_is_refused(relay: Relay) -> None:
    client = await RawClient.connect(relay, LAPTOP)
    for ticket in (client.ticket(Magic.SKA, STRUCTURE), client.ticket(Magic.ELO, ACCESS)):
        assert await refused(client, ticket) is JoinErrorCode.AUTH_FAILED


@pytest.mark.parametrize("offset_ms", [-90_000, 90_000])
async def test_a_ticket_from_another_time_is_refused_with_the_time_of_the_relay(
    relay: Relay, clock: WallClock, offset_ms: int
) -> None:
    client = await RawClient.connect(relay, LAPTOP)
    ticket = client.ticket(Magic.SKA, ACCESS)
    clock.offset_ms = offset_ms
    before = clock.wall_ms()
    answer = await client.join(Magic.SKA, ACCESS, JoinPayload(ticket, INTRODUCTION))
    assert isinstance(answer, JoinError)
    assert (answer.code, answer.app_code) == (JoinErrorCode.APP, "clock_skew")
    assert before <= int(answer.message) <= clock.wall_ms()


async def test_a_device_whose_certificates_lead_nowhere_is_refused(relay: Relay) -> None:
    await (await RawClient.connect(relay, LAPTOP)).introduce()
    for introduction in ((), PROJECT_CERTIFICATES, enrolled(TABLET), enrolled(STRANGER)[:1]):
        stranger = await RawClient.connect(relay, STRANGER)
        encoded = tuple(item.encode() for item in introduction)
        for magic, room in ((Magic.SKA, ACCESS), (Magic.ELO, STRUCTURE)):
            payload = JoinPayload(stranger.ticket(magic, room), encoded)
            answer = await stranger.join(magic, room, payload)
            assert isinstance(answer, JoinError)
            assert answer.code is JoinErrorCode.AUTH_FAILED
        assert await stranger.put(Pen(STRANGER).write()) is AckStatus.PERMISSION_DENIED


async def test_nothing_of_a_refused_introduction_is_kept(relay: Relay) -> None:
    stranger = await RawClient.connect(relay, STRANGER)
    assert await refused(stranger, stranger.ticket(Magic.SKA, ACCESS)) is JoinErrorCode.AUTH_FAILED
    laptop = await RawClient.connect(relay, LAPTOP)
    answer = await laptop.join(Magic.SKA, ACCESS)
    assert isinstance(answer, JoinError)


async def test_a_device_is_let_in_by_what_it_brings(relay: Relay) -> None:
    await (await RawClient.connect(relay, LAPTOP)).introduce()
    tablet = await RawClient.connect(relay, TABLET)
    assert isinstance(await tablet.join(Magic.SKA, ACCESS), JoinError)
    await tablet.introduce(enrolled(TABLET))
    await tablet.enter()
    assert await tablet.put(Pen(TABLET, peer=2).write()) is AckStatus.OK


async def test_a_device_that_may_only_read_cannot_write(relay: Relay) -> None:
    await (await RawClient.connect(relay, LAPTOP)).introduce()
    tablet = await RawClient.connect(relay, TABLET)
    await tablet.introduce(enrolled(TABLET, Power.READ))
    assert (await tablet.enter()).permission is Permission.READ
    assert await tablet.put(Pen(TABLET, peer=2).write()) is AckStatus.PERMISSION_DENIED


async def test_one_connection_is_one_device(relay: Relay) -> None:
    laptop = await RawClient.connect(relay, LAPTOP)
    await laptop.introduce((*FOUNDING, *enrolled(TABLET)))
    laptop.key = TABLET
    assert isinstance(await laptop.join(Magic.SKA, ACCESS), JoinError)


async def test_a_member_writes_only_into_rooms_it_has_joined(relay: Relay) -> None:
    laptop = await RawClient.connect(relay, LAPTOP)
    await laptop.introduce()
    assert await laptop.put(Pen(LAPTOP).write()) is AckStatus.PERMISSION_DENIED


async def test_a_room_of_no_known_kind_is_refused_by_its_name(relay: Relay) -> None:
    laptop = await RawClient.connect(relay, LAPTOP)
    for room in (RoomId("structure"), RoomId(f"{ACCESS}/more")):
        answer = await laptop.join(Magic.ELO, room)
        assert isinstance(answer, JoinError)
        assert (answer.code, answer.app_code) == (JoinErrorCode.APP, "room_invalid")
