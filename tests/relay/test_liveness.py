"""Connections that are silent, slow or stuck cost the others nothing, and end."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sakya_sync.access.payload import JoinPayload
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.connection import QUEUE_BYTES_MAX
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.transport.websocket import WebSocketTransport
from sakya_sync.wire.messages import AckStatus, JoinRequest, Magic, RoomError, RoomErrorCode

from .people import FOUNDING, LAPTOP, STRUCTURE, TABLET, Pen, RawClient, enrolled

SPEED = 100
BLOCK = random.Random(7).randbytes(200 * 1024)
BOTH = (*FOUNDING, *enrolled(TABLET))
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class QuickClock(SystemClock):
    """Time that passes a hundred times as fast."""

    def now(self) -> float:
        return time.monotonic() * SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)


@asynccontextmanager
async def socket(relay: Relay) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A WebSocket connection of which the test does every byte."""
    assert relay._listening is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", relay._listening.port, limit=1024)
    writer.write(UPGRADE)
    await reader.readuntil(b"\r\n\r\n")
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def masked(kind: int, payload: bytes) -> bytes:
    """A short frame from a client, under a mask of zeros."""
    return bytes([0x80 | kind, 0x80 | len(payload)]) + bytes(4) + payload


async def until(relay: Relay, connections: int) -> None:
    """Wait until the relay holds no more than so many."""
    for _ in range(2_000):
        if len(relay._connections) <= connections:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("a connection is still held")


async def test_who_answers_no_ping_of_either_kind_is_given_up(config: RelayConfig) -> None:
    async with Relay(config, clock=QuickClock(), quiet=True) as relay, socket(relay) as (reader, _):
        heard = await asyncio.wait_for(reader.read(-1), 20)
        assert masked(1, b"")[0:1] + b"\x04ping" in heard
        assert b"\x89\x00" in heard
        assert b"\x88" in heard
        await until(relay, 0)


@pytest.mark.parametrize("answer", [masked(1, b"pong"), masked(10, b""), masked(9, b"")])
async def test_an_answer_of_either_kind_keeps_a_connection(
    config: RelayConfig, answer: bytes
) -> None:
    async with Relay(config, clock=QuickClock(), quiet=True) as relay, socket(relay) as (_, writer):
        for _ in range(20):
            await asyncio.sleep(10 / SPEED)
            writer.write(answer)
        assert relay._connections


def paused(client: RawClient) -> WebSocketTransport:
    """The client's transport, which reads nothing from now on."""
    assert isinstance(client.transport, WebSocketTransport)
    assert client.transport._ws is not None
    client.transport._ws.underlying_transport.pause_reading()
    return client.transport


async def abort(client: RawClient) -> None:
    """Let a connection go that reads nothing."""
    assert isinstance(client.transport, WebSocketTransport)
    assert client.transport._ws is not None
    client.transport._ws.disconnect(False)
    await client.transport.ended()


async def filled(relay: Relay, blocks: int) -> RawClient:
    """The laptop, after it has written so many blocks."""
    laptop = await RawClient.connect(relay, LAPTOP)
    await laptop.introduce(BOTH)
    await laptop.enter()
    pen = Pen(LAPTOP)
    for _ in range(blocks):
        assert await laptop.put(pen.write(BLOCK)) is AckStatus.OK
    return laptop


def queued_bytes(relay: Relay) -> int:
    """The most that waits for one connection."""
    waiting = [held._transport.buffered_bytes for held in relay._connections.values()]
    return max(waiting, default=0)


async def test_who_asks_and_reads_nothing_holds_little_and_not_for_ever(
    config: RelayConfig,
) -> None:
    async with Relay(config, clock=QuickClock(), quiet=True) as relay:
        laptop = await filled(relay, 60)
        stuck = await RawClient.connect(relay, TABLET)
        await stuck.introduce(())
        transport = paused(stuck)
        payload = JoinPayload(heads=()).encode()
        for _ in range(300):
            stuck.send(JoinRequest(Magic.ELO, STRUCTURE, payload, b""))
            transport.send(["ping"])
            await asyncio.sleep(0.002)
            assert queued_bytes(relay) < QUEUE_BYTES_MAX + 2 * 60 * len(BLOCK)
        await until(relay, 1)
        await abort(stuck)
        await laptop.transport.close()


async def test_who_reads_slowly_is_put_off_and_catches_up_without_slowing_the_writer(
    config: RelayConfig,
) -> None:
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        laptop = await filled(relay, 0)
        tablet = await RawClient.connect(relay, TABLET)
        await tablet.introduce(())
        await tablet.enter()
        transport = paused(tablet)
        pen = Pen(LAPTOP)
        written = []
        for _ in range(150):
            written.append(pen.write(BLOCK))
            assert await laptop.put(written[-1]) is AckStatus.OK
            assert queued_bytes(relay) < QUEUE_BYTES_MAX + 2 * len(BLOCK)
        assert transport._ws is not None
        transport._ws.underlying_transport.resume_reading()
        told = await tablet.next(RoomError)
        while told.room != STRUCTURE:
            told = await tablet.next(RoomError)
        assert told.code is RoomErrorCode.REJOIN_SUGGESTED
        tablet.messages.clear()
        await tablet.enter()
        assert await tablet.records(150) == [item.raw for item in written]
        # It follows again.
        last = pen.write()
        assert await laptop.put(last) is AckStatus.OK
        assert await tablet.records(1) == [last.raw]
