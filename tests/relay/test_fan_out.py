"""Under load, every reader gets every record, once, byte for byte, and each author's in order."""

import asyncio
from collections import defaultdict

import pytest

from sakya_sync.ids import AuthorId, RoomId
from sakya_sync.record.container import pack, unpack
from sakya_sync.relay.server import Relay
from sakya_sync.seal.keys import SigningKey
from sakya_sync.seal.sealed import parse
from sakya_sync.wire.messages import AckStatus, DocUpdate, Magic

from .people import FOUNDING, LAPTOP, STRUCTURE, SUBJECT, TABLET, Pen, RawClient, b64u, enrolled

IN_FLIGHT = 16


async def member(relay: Relay, key: SigningKey, room: RoomId) -> RawClient:
    """A device of Anna's, in a room."""
    client = await RawClient.connect(relay, key)
    await client.introduce((*FOUNDING, *enrolled(TABLET)))
    await client.enter(room)
    return client


async def write(client: RawClient, room: RoomId, raws: list[bytes]) -> None:
    """Send records, so many of them before the first is acked."""
    for start in range(0, len(raws), IN_FLIGHT):
        batches = [
            client.offer(Magic.ELO, room, pack([raw])) for raw in raws[start : start + IN_FLIGHT]
        ]
        for batch in batches:
            assert await client.answer(batch) is AckStatus.OK


async def received(client: RawClient, room: RoomId, number: int) -> list[bytes]:
    """So many records, and then what else comes before a batch of the reader's own is answered."""
    found = await client.records(number, room)
    batch = client.offer(Magic.ELO, room, b"\xff")
    assert await client.answer(batch) is AckStatus.INVALID_UPDATE
    for message in client.messages:
        if isinstance(message, DocUpdate) and message.room == room:
            found += [raw for update in message.updates for raw in unpack(update)]
    return found


@pytest.mark.parametrize("readers", [1, 12])
async def test_every_reader_gets_every_record_once_in_its_authors_order(
    relay: Relay, readers: int
) -> None:
    pens = [Pen(LAPTOP, peer=1), Pen(TABLET, peer=2)]
    writers = [await member(relay, pen.key, STRUCTURE) for pen in pens]
    following = [await member(relay, TABLET, STRUCTURE) for _ in range(readers)]
    written = [[pen.write(b"%d" % at).raw for at in range(120)] for pen in pens]
    everything = sum(map(len, written))
    reading = [asyncio.create_task(received(one, STRUCTURE, everything)) for one in following]
    await asyncio.gather(
        *(write(client, STRUCTURE, raws) for client, raws in zip(writers, written, strict=True))
    )
    got = await asyncio.gather(*reading)
    for records in got:
        assert sorted(records) == sorted(raw for raws in written for raw in raws)
        by_author: dict[AuthorId, list[bytes]] = defaultdict(list)
        for raw in records:
            by_author[parse(raw).author].append(raw)
        assert [by_author[pen.author] for pen in pens] == written


async def test_writers_get_each_others_records_and_none_of_their_own(relay: Relay) -> None:
    pens = [Pen(LAPTOP, peer=1), Pen(TABLET, peer=2)]
    clients = [await member(relay, pen.key, STRUCTURE) for pen in pens]
    written = [[pen.write(b"%d" % at).raw for at in range(60)] for pen in pens]
    await asyncio.gather(
        *(write(client, STRUCTURE, raws) for client, raws in zip(clients, written, strict=True))
    )
    got = [await received(client, STRUCTURE, 60) for client in clients]
    assert got == [written[1], written[0]]


async def test_rooms_under_load_do_not_mix(relay: Relay) -> None:
    rooms = [RoomId(f"{b64u(SUBJECT)}/room-{number}") for number in range(20)]
    pens = {room: Pen(LAPTOP, room) for room in rooms}
    writers = {room: await member(relay, LAPTOP, room) for room in rooms}
    readers = {room: await member(relay, TABLET, room) for room in rooms}
    written = {room: [pen.write(b"%d" % at).raw for at in range(20)] for room, pen in pens.items()}
    await asyncio.gather(*(write(writers[room], room, written[room]) for room in rooms))
    for room in rooms:
        assert await received(readers[room], room, 20) == written[room]
