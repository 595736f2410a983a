"""A relay that stops answers what it took, and clients come back spread out."""

import asyncio

import pytest

from sakya_sync.ports import TransportClosed
from sakya_sync.record.container import pack
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import RESTARTING, Relay
from sakya_sync.session.backoff import hinted_seconds
from sakya_sync.system import SystemClock
from sakya_sync.wire.codec import decode
from sakya_sync.wire.messages import Ack, AckStatus, Magic

from .people import FOUNDING, LAPTOP, STRUCTURE, TABLET, Pen, RawClient, enrolled

CLIENTS = 8


async def told(client: RawClient) -> tuple[list[AckStatus], TransportClosed]:
    """The acks that still come, and how the connection ends."""
    statuses: list[AckStatus] = []
    while True:
        try:
            frame = await asyncio.wait_for(client.transport.receive(), 10)
        except TransportClosed as closed:
            return statuses, closed
        if isinstance(frame, bytes) and isinstance(message := decode(frame), Ack):
            statuses.append(message.status)


async def test_what_was_acked_at_the_end_is_there_at_the_next_start(config: RelayConfig) -> None:
    pen = Pen(LAPTOP)
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        laptop = await RawClient.connect(relay, LAPTOP)
        await laptop.introduce((*FOUNDING, *enrolled(TABLET)))
        await laptop.enter()
        for _ in range(50):
            laptop.offer(Magic.ELO, STRUCTURE, pack([pen.write().raw]))
        await asyncio.sleep(0)
    statuses, closed = await told(laptop)
    assert closed.code == RESTARTING
    assert set(statuses) <= {AckStatus.OK}
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        tablet = await RawClient.connect(relay, TABLET)
        await tablet.introduce(())
        await tablet.enter()
        if statuses:
            assert len(await tablet.records(len(statuses))) >= len(statuses)


async def test_clients_are_told_different_times_to_come_back(config: RelayConfig) -> None:
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        clients = [await RawClient.connect(relay, LAPTOP) for _ in range(CLIENTS)]
    hints = []
    for client in clients:
        with pytest.raises(TransportClosed) as closed:
            await client.transport.receive()
        assert closed.value.code == RESTARTING
        hints.append(hinted_seconds(closed.value.reason))
    assert all(hint is not None and hint < 30 for hint in hints)
    assert len(set(hints)) > CLIENTS // 2
