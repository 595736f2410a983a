"""Documents of plain rooms live in processes that may break, and nobody else notices."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sakya_sync.errors import LocalFault
from sakya_sync.ids import PeerId, RoomId
from sakya_sync.ports import TransportClosed
from sakya_sync.record import versions
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.plain.calls import Call
from sakya_sync.relay.plain.document import CONDENSE_ENTRIES, OpenDocument
from sakya_sync.relay.plain.workers import WorkerProcess
from sakya_sync.relay.server import Relay
from sakya_sync.replica.document import Document
from sakya_sync.replica.steps import Insert
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import AckStatus, DocUpdate, JoinError, JoinResponseOk, Magic

from .people import LAPTOP, RawClient

NOTES = RoomId("notes")
OTHER = RoomId("other")
# Found by turning bytes of a small update and making its checksum right again: Loro panics.
CRAFTED = bytes.fromhex(
    "6c6f726f000000000000000000000000ab66177400043d000100010110010200000000000000010100000000"
    "0005010000010006010401021e00050474297874000e010402010002010002010002010100020161"
)


@pytest.fixture
def plain_config(config: RelayConfig) -> RelayConfig:
    return replace(config, plain_rooms=True)


@pytest.fixture
async def plain(plain_config: RelayConfig) -> AsyncIterator[Relay]:
    """A relay with plain rooms."""
    async with Relay(plain_config, clock=SystemClock(), quiet=True) as running:
        yield running


class Typist:
    """A document that somebody types in."""

    def __init__(self, peer: int = 1) -> None:
        self.document = Document(PeerId(peer))

    def type(self, words: str) -> bytes:
        with self.document.edit():
            self.document.apply_steps([Insert(words)])
        (written,) = self.document.written()
        return written.update


async def entered(relay: Relay, room: RoomId = NOTES, version: bytes = b"") -> RawClient:
    client = await RawClient.connect(relay, LAPTOP)
    answer = await client.join(Magic.LOR, room, b"", version)
    assert isinstance(answer, JoinResponseOk), answer
    return client


async def text_of(relay: Relay, room: RoomId = NOTES) -> str:
    """What somebody finds there who has never been."""
    client = await RawClient.connect(relay, LAPTOP)
    answer = await client.join(Magic.LOR, room, b"", b"")
    assert isinstance(answer, JoinResponseOk), answer
    document = Document(PeerId(99))
    if len(versions.decode(answer.version)):
        for update in (await client.next(DocUpdate)).updates:
            document.import_update(update)
    await client.transport.close()
    return document.text()


def worker_of(relay: Relay, room: RoomId = NOTES) -> WorkerProcess:
    assert relay._plain is not None
    found = relay._plain.open(Magic.LOR, room)
    assert isinstance(found, OpenDocument)
    return found._worker


def kill(relay: Relay, room: RoomId = NOTES, sign: signal.Signals = signal.SIGKILL) -> None:
    pid = worker_of(relay, room).pid
    assert pid is not None
    os.kill(pid, sign)


async def test_an_update_that_breaks_loro_is_refused_and_its_room_goes_on(plain: Relay) -> None:
    client, typist = await entered(plain), Typist()
    assert await client.put_updates(Magic.LOR, NOTES, typist.type("one ")) is AckStatus.OK
    assert await client.put_updates(Magic.LOR, NOTES, CRAFTED) is AckStatus.INVALID_UPDATE
    assert await client.put_updates(Magic.LOR, NOTES, typist.type("two ")) is AckStatus.OK
    assert await text_of(plain) == "two one "


async def test_nothing_that_was_acked_is_lost_with_a_worker(plain: Relay) -> None:
    client, typist = await entered(plain), Typist()
    for word in ("one ", "two ", "three "):
        assert await client.put_updates(Magic.LOR, NOTES, typist.type(word)) is AckStatus.OK
        kill(plain)
    assert await text_of(plain) == "three two one "


async def test_a_worker_that_never_answers_is_ended_and_its_work_done_by_another(
    plain: Relay,
) -> None:
    client, typist = await entered(plain), Typist()
    worker_of(plain)._call_seconds_max = 0.5
    kill(plain, sign=signal.SIGSTOP)
    assert await client.put_updates(Magic.LOR, NOTES, typist.type("one")) is AckStatus.OK
    assert worker_of(plain).generation == 2


async def test_while_a_worker_is_busy_the_relay_answers_everybody_else(plain: Relay) -> None:
    client, typist = await entered(plain), Typist()
    kill(plain, sign=signal.SIGSTOP)
    waiting = client.offer(Magic.LOR, NOTES, typist.type("one"))
    other = await RawClient.connect(plain, LAPTOP)
    assert isinstance(await other.join(Magic.EPH, NOTES, b"", b""), JoinResponseOk)
    assert await other.put_updates(Magic.EPH, NOTES, b"here") is AckStatus.OK
    # The connection that waits for its document is answered in its other rooms too.
    assert isinstance(await client.join(Magic.ELO, NOTES, b"", b""), JoinResponseOk)
    kill(plain, sign=signal.SIGCONT)
    assert await client.answer(waiting) is AckStatus.OK


async def test_updates_under_way_when_a_worker_breaks_are_all_answered(plain: Relay) -> None:
    client, typist = await entered(plain), Typist()
    batches = [client.offer(Magic.LOR, NOTES, typist.type("a")) for _ in range(50)]
    batches.insert(20, client.offer(Magic.LOR, NOTES, CRAFTED))
    await asyncio.sleep(0)
    kill(plain)
    answers = [await client.answer(batch) for batch in batches]
    assert answers == [AckStatus.OK] * 20 + [AckStatus.INVALID_UPDATE] + [AckStatus.OK] * 30
    assert await text_of(plain) == "a" * 50


async def test_the_good_updates_of_a_batch_are_kept_though_another_is_bad(plain: Relay) -> None:
    client, typist = await entered(plain), Typist()
    batch = (typist.type("one "), b"rubbish", typist.type("two "))
    assert await client.put_updates(Magic.LOR, NOTES, *batch) is AckStatus.INVALID_UPDATE
    assert await text_of(plain) == "two one "


async def test_many_updates_become_one_snapshot_that_says_the_same(
    plain: Relay, plain_config: RelayConfig
) -> None:
    client, typist = await entered(plain), Typist()
    for _ in range(CONDENSE_ENTRIES + 5):
        client.offer(Magic.LOR, NOTES, typist.type("a"))
    assert await client.put_updates(Magic.LOR, NOTES, typist.type("b")) is AckStatus.OK
    assert plain._plain is not None
    store = plain._plain._keeper.store
    number = store.room(Magic.LOR, NOTES)
    assert number is not None
    async with asyncio.timeout(10):
        while len(list(store.entries(number))) >= CONDENSE_ENTRIES:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await client.transport.close()
    assert await text_of(plain) == "b" + "a" * (CONDENSE_ENTRIES + 5)


async def test_a_join_while_others_write_misses_nothing(plain: Relay) -> None:
    writer, typist = await entered(plain), Typist()
    for number in range(200):
        writer.offer(Magic.LOR, NOTES, typist.type(f"{number} "))
    reader = await RawClient.connect(plain, LAPTOP)
    answer = await reader.join(Magic.LOR, NOTES, b"", b"")
    assert isinstance(answer, JoinResponseOk)
    document = Document(PeerId(99))
    while document.version() != typist.document.version():
        for update in (await reader.next(DocUpdate)).updates:
            document.import_update(update)
    assert document.text() == typist.document.text()


async def test_a_room_whose_store_is_damaged_lets_nobody_in_and_hurts_no_other(
    plain: Relay,
) -> None:
    client, typist = await entered(plain), Typist()
    assert await client.put_updates(Magic.LOR, NOTES, typist.type("one")) is AckStatus.OK
    await client.transport.close()
    other = await entered(plain, OTHER)
    assert plain._plain is not None
    store = plain._plain._keeper.store
    # What only a fault of the disk could do.
    store._commits._connection.execute("UPDATE entry SET body = x'00'")
    kill(plain)
    kill(plain, OTHER)
    late = await RawClient.connect(plain, LAPTOP)
    assert isinstance(await late.join(Magic.LOR, NOTES, b"", b""), JoinError)
    assert await other.put_updates(Magic.LOR, OTHER, Typist().type("two")) is AckStatus.OK
    assert await text_of(plain, OTHER) == "two"


async def test_where_no_process_can_be_had_a_join_is_not_refused_for_good(plain: Relay) -> None:
    # A stock client that is refused never asks again; one whose connection is closed does.
    await worker_of(plain).close()
    client = await RawClient.connect(plain, LAPTOP)
    with pytest.raises(TransportClosed) as closed:
        await client.join(Magic.LOR, NOTES, b"", b"")
    assert closed.value.code == 1013


async def test_a_room_that_nobody_is_in_takes_no_memory(plain: Relay) -> None:
    assert plain._plain is not None
    rooms = plain._plain._keeper.open
    client = await entered(plain)
    assert await client.put_updates(Magic.LOR, NOTES, Typist().type("one")) is AckStatus.OK
    await client.join(Magic.ELO, NOTES, b"", b"")
    assert len(rooms) == 2
    await client.transport.close()
    async with asyncio.timeout(10):
        while rooms:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
    assert await text_of(plain) == "one"


async def test_a_worker_starts_no_process_once_it_is_closed() -> None:
    worker = WorkerProcess()
    await worker.start()
    assert (await worker.call(Call.OPEN, 1, (Magic.LOR.value,))).fields == ()
    await worker.close()
    assert worker.pid is None
    with pytest.raises(LocalFault):
        await worker.start()
