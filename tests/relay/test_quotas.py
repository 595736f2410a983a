"""A subject stores no more than it may, and is told to come again; others go on."""

import asyncio
import random
from dataclasses import replace

from access.people import signing_key
from sakya_sync.access.founding import found_project
from sakya_sync.access.payload import JoinPayload
from sakya_sync.ids import RoomId
from sakya_sync.relay.bucket import BURST_SECONDS
from sakya_sync.relay.config import Quotas, RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import AckStatus, JoinResponseOk, Magic, RoomError, RoomErrorCode

from .people import ACCOUNT, LAPTOP, STRUCTURE, Pen, RawClient, b64u

BLOCK = random.Random(5).randbytes(80_000)
SECOND = signing_key("second project")
ELSEWHERE = RoomId(f"{b64u(SECOND.public)}/structure")


def serving(config: RelayConfig, **quotas: int) -> Relay:
    return Relay(replace(config, quotas=Quotas(**quotas)), clock=SystemClock(), quiet=True)


async def writer(relay: Relay) -> RawClient:
    """The laptop, in two projects."""
    laptop = await RawClient.connect(relay, LAPTOP)
    await laptop.introduce()
    await laptop.enter()
    room = RoomId(f"{b64u(SECOND.public)}/access")
    introduction = tuple(item.encode() for item in found_project(SECOND, ACCOUNT))
    joined = await laptop.join(Magic.SKA, room, JoinPayload(introduction=introduction))
    assert isinstance(joined, JoinResponseOk)
    await laptop.enter(ELSEWHERE)
    return laptop


async def test_a_subject_stores_so_many_bytes_even_over_a_restart(config: RelayConfig) -> None:
    pen, other = Pen(LAPTOP), Pen(LAPTOP, ELSEWHERE, peer=2)
    async with serving(config, subject_bytes=100_000) as relay:
        laptop = await writer(relay)
        assert await laptop.put(pen.write(BLOCK)) is AckStatus.OK
        assert await laptop.put(pen.draft(BLOCK)) is AckStatus.RATE_LIMITED
        assert await laptop.put(pen.write(b"few")) is AckStatus.OK
        assert await laptop.put(other.write(BLOCK), room=ELSEWHERE) is AckStatus.OK
    async with serving(config, subject_bytes=100_000) as relay:
        laptop = await writer(relay)
        assert await laptop.put(pen.draft(BLOCK)) is AckStatus.RATE_LIMITED
    async with serving(config, subject_bytes=200_000) as relay:
        laptop = await writer(relay)
        assert await laptop.put(pen.write(BLOCK)) is AckStatus.OK


async def test_a_subject_has_so_many_rooms(config: RelayConfig) -> None:
    async with serving(config, subject_rooms=2) as relay:
        laptop = await writer(relay)
        rooms = [RoomId(STRUCTURE.replace("structure", f"b{number}")) for number in range(3)]
        statuses = []
        for room in rooms:
            await laptop.enter(room)
            statuses.append(await laptop.put(Pen(LAPTOP, room).write(), room=room))
        assert statuses == [AckStatus.OK, AckStatus.OK, AckStatus.RATE_LIMITED]
        assert await laptop.put(Pen(LAPTOP, ELSEWHERE).write(), room=ELSEWHERE) is AckStatus.OK


async def test_a_subject_that_writes_too_fast_is_asked_to_join_again_later(
    config: RelayConfig,
) -> None:
    async with serving(config, subject_records_per_second=5) as relay:
        laptop = await writer(relay)
        pen = Pen(LAPTOP)
        for _ in range(int(20 * BURST_SECONDS)):
            if (status := await laptop.put(sealed := pen.write())) is not AckStatus.OK:
                break
        assert status is AckStatus.RATE_LIMITED
        assert await laptop.put(Pen(LAPTOP, ELSEWHERE).write(), room=ELSEWHERE) is AckStatus.OK
        told = await laptop.next(RoomError)
        assert (told.room, told.code) == (STRUCTURE, RoomErrorCode.REJOIN_SUGGESTED)
        for _ in range(100):
            if (status := await laptop.put(sealed)) is AckStatus.OK:
                break
            await asyncio.sleep(0.1)
        assert status is AckStatus.OK
