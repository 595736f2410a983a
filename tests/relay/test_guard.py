"""One address cannot take what a relay has for all."""

import asyncio
from dataclasses import replace
from ipaddress import ip_network

import pytest

from sakya_sync.errors import RelayBusy
from sakya_sync.ids import RoomId
from sakya_sync.ports import TransportClosed
from sakya_sync.relay.bucket import BURST_SECONDS
from sakya_sync.relay.config import Quotas, RelayConfig
from sakya_sync.relay.connection import OVERLOADED
from sakya_sync.relay.guard import JOIN_WAIT_SECONDS_MAX, Guard
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.transport.memory import MemoryTransport
from sakya_sync.wire.codec import encode
from sakya_sync.wire.messages import JoinRequest, Magic

from .people import LAPTOP, STRUCTURE, RawClient


class Held(SystemClock):
    """A clock that stands still until it is set."""

    time = 1_000.0

    def now(self) -> float:
        return self.time


def reached(relay: Relay, peer: str, *forwarded: str) -> MemoryTransport:
    """The other end of a connection that the relay has from that address."""
    ours, theirs = MemoryTransport.pair()
    theirs.peer, theirs.forwarded = peer, forwarded
    relay.accept(theirs)
    return ours


async def is_open(transport: MemoryTransport) -> bool:
    """Whether the relay answers on it."""
    transport.send(["ping"])
    try:
        return await asyncio.wait_for(transport.receive(), 10) == "pong"
    except TransportClosed as closed:
        return closed.code != OVERLOADED


async def test_an_address_has_as_many_connections_as_it_may(config: RelayConfig) -> None:
    config = replace(config, quotas=Quotas(address_connections=2))
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        first = reached(relay, "192.0.2.1")
        assert await is_open(first)
        assert await is_open(reached(relay, "192.0.2.1"))
        assert not await is_open(reached(relay, "192.0.2.1"))
        assert await is_open(reached(relay, "192.0.2.2"))
        await first.close()
        await asyncio.sleep(0.01)
        assert await is_open(reached(relay, "192.0.2.1"))


async def test_behind_a_trusted_proxy_the_address_is_the_one_it_names(
    config: RelayConfig,
) -> None:
    proxies = (ip_network("10.0.0.0/8"),)
    config = replace(config, quotas=Quotas(address_connections=1), trusted_proxies=proxies)
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        assert await is_open(reached(relay, "10.0.0.1", "192.0.2.1"))
        assert await is_open(reached(relay, "10.0.0.1", "192.0.2.2"))
        assert not await is_open(reached(relay, "10.0.0.1", "192.0.2.1"))
        # Who is no proxy may say what they like.
        assert await is_open(reached(relay, "203.0.113.9", "192.0.2.3"))
        assert not await is_open(reached(relay, "203.0.113.9", "192.0.2.4"))


def test_joins_wait_and_then_are_too_many() -> None:
    clock = Held()
    guard = Guard(Quotas(address_joins_per_second=5), clock)
    at_once = int(5 * BURST_SECONDS)
    assert [guard.join_wait_seconds("192.0.2.1") for _ in range(at_once)] == [0.0] * at_once
    waits = [guard.join_wait_seconds("192.0.2.1") for _ in range(200)]
    told = [wait for wait in waits if wait is not None]
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= JOIN_WAIT_SECONDS_MAX
    assert waits[-1] is None
    assert guard.join_wait_seconds("192.0.2.2") == 0
    clock.time += 60
    assert guard.join_wait_seconds("192.0.2.1") == 0


async def test_whoever_joins_without_end_is_closed_so_that_a_stock_client_comes_back(
    config: RelayConfig,
) -> None:
    config = replace(config, quotas=Quotas(address_joins_per_second=1))
    clock = Held()
    async with Relay(config, clock=clock, quiet=True) as relay:
        client = reached(relay, "192.0.2.1")
        for _ in range(100):
            guard_wait = relay._guard.join_wait_seconds("192.0.2.1")
        assert guard_wait is None
        client.send([encode(JoinRequest(Magic.ELO, STRUCTURE, b"", b""))])
        with pytest.raises(TransportClosed) as closed:
            await asyncio.wait_for(client.receive(), 10)
        assert closed.value.code == OVERLOADED


async def test_two_relays_cannot_share_a_directory(config: RelayConfig) -> None:
    async with Relay(config, clock=SystemClock(), quiet=True):
        with pytest.raises(RelayBusy):
            async with Relay(config, clock=SystemClock(), quiet=True):
                pass
    async with Relay(config, clock=SystemClock(), quiet=True):
        pass


async def test_the_log_names_no_room_key_or_address(
    config: RelayConfig, capfd: pytest.CaptureFixture[str]
) -> None:
    async with Relay(config, clock=SystemClock()) as relay:
        laptop = RawClient.unprotected(relay, LAPTOP)
        await laptop.introduce()
        await laptop.enter()
        assert await laptop.put_updates(Magic.ELO, STRUCTURE, b"rubbish") != 0
        await laptop.join(Magic.ELO, RoomId("diary/of-anna"))
    logged = capfd.readouterr().err
    assert "batch refused" in logged
    subject = STRUCTURE.partition("/")[0]
    for named in (subject, "diary", LAPTOP.public.hex(), "192.0.2.1", "structure"):
        assert named not in logged
