"""One contract for every transport."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sakya_sync.errors import AddressInUse, RelayUnreachable
from sakya_sync.limits import FRAME_BYTES_MAX
from sakya_sync.ports import Transport, TransportClosed
from sakya_sync.transport.memory import MemoryNetwork, MemoryTransport
from sakya_sync.transport.websocket import WebSocketConnector, WebSocketTransport, listen

URL = "ws://relay.example:1"


@asynccontextmanager
async def ends(kind: str) -> AsyncIterator[tuple[Transport, Transport]]:
    """Both ends of a connection: the client's and the relay's."""
    if kind == "memory":
        accepted: list[MemoryTransport] = []
        network = MemoryNetwork()
        network.listen(URL, accepted.append)
        yield await network.connect(URL), accepted[0]
        network.cut()
        return
    arrived: asyncio.Future[WebSocketTransport] = asyncio.get_running_loop().create_future()
    listening = await listen("127.0.0.1", 0, arrived.set_result)
    client = await WebSocketConnector().connect(f"ws://127.0.0.1:{listening.port}")
    server = await asyncio.wait_for(arrived, 10)
    try:
        yield client, server
    finally:
        await client.close()
        await server.close()
        await listening.close()


async def hear(end: Transport) -> bytes | str:
    return await asyncio.wait_for(end.receive(), 10)


@pytest.mark.parametrize("kind", ["memory", "websocket"])
class TestTransport:
    async def test_frames_arrive_whole_and_in_order_both_ways(self, kind: str) -> None:
        sent: list[bytes | str] = [
            b"one",
            "ping",
            b"",
            bytes(FRAME_BYTES_MAX),
            b"x" * 126,
            b"y" * 65_536,
            "é",
        ]
        async with ends(kind) as (client, server):
            for one, other in ((client, server), (server, client)):
                one.send(sent)
                await one.drained()
                assert [await hear(other) for _ in sent] == sent

    async def test_the_other_end_learns_of_a_close_after_all_that_was_sent(self, kind: str) -> None:
        async with ends(kind) as (client, server):
            client.send([b"last"])
            await client.close(1001, "bye")
            await client.close(1001, "bye")
            assert await hear(server) == b"last"
            with pytest.raises(TransportClosed) as closed:
                await hear(server)
            assert (closed.value.code, closed.value.reason) == (1001, "bye")
            server.send([b"into the void"])


async def test_a_frame_that_is_too_long_ends_the_connection() -> None:
    async with ends("websocket") as (client, server):
        client.send([bytes(FRAME_BYTES_MAX + 1)])
        with pytest.raises(TransportClosed):
            await hear(server)


async def test_nobody_there_is_said_in_plain_words() -> None:
    listening = await listen("127.0.0.1", 0, lambda _: None)
    await listening.close()
    with pytest.raises(RelayUnreachable, match="nothing listens there"):
        await WebSocketConnector().connect(f"ws://127.0.0.1:{listening.port}")
    with pytest.raises(RelayUnreachable):
        await MemoryNetwork().connect(URL)


async def test_an_address_that_is_taken_is_said_to_be() -> None:
    listening = await listen("127.0.0.1", 0, lambda _: None)
    try:
        with pytest.raises(AddressInUse):
            await listen("127.0.0.1", listening.port, lambda _: None)
    finally:
        await listening.close()
