"""Plain rooms that the relay sees from outside: durable, repeated, damaged."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from record.strangers import delta, snapshot
from sakya_sync.ids import RoomId
from sakya_sync.record.container import pack, unpack
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import (
    AckStatus,
    DocUpdate,
    JoinError,
    JoinErrorCode,
    JoinResponseOk,
    Magic,
    Permission,
    RoomError,
    RoomErrorCode,
)

from .people import LAPTOP, STRUCTURE, RawClient

DIARY = RoomId("diary")


@pytest.fixture
def plain_config(config: RelayConfig) -> RelayConfig:
    return replace(config, plain_rooms=True)


@pytest.fixture
async def plain(plain_config: RelayConfig) -> AsyncIterator[Relay]:
    """A relay with plain rooms."""
    async with Relay(plain_config, clock=SystemClock(), quiet=True) as running:
        yield running


async def entered(relay: Relay, magic: Magic = Magic.ELO, payload: bytes = b"") -> RawClient:
    client = await RawClient.connect(relay, LAPTOP)
    answer = await client.join(magic, DIARY, payload, b"")
    assert isinstance(answer, JoinResponseOk), answer
    return client


def connection(relay: Relay) -> sqlite3.Connection:
    assert relay._plain is not None
    return relay._plain._keeper.store._commits._connection


async def test_what_is_acked_is_committed(plain: Relay, plain_config: RelayConfig) -> None:
    client = await entered(plain)
    for start in range(5):
        status = await client.put_updates(Magic.ELO, DIARY, pack([delta(start, start + 1)]))
        assert status is AckStatus.OK
        stored = sqlite3.connect(plain_config.data / "plain.sqlite")
        assert stored.execute("SELECT count(*) FROM entry").fetchone() == (start + 1,)
        stored.close()


async def test_a_batch_that_repeats_one_under_way_is_not_acked_before_it(plain: Relay) -> None:
    client, other = await entered(plain), await entered(plain)
    held = connection(plain)
    pages = held.execute("PRAGMA page_count").fetchone()[0]
    held.execute(f"PRAGMA max_page_count = {pages}")
    update = pack([delta(0, 1, ciphertext=bytes(100_000))])
    first, again = client.offer(Magic.ELO, DIARY, update), client.offer(Magic.ELO, DIARY, update)
    assert await client.answer(first) is AckStatus.UNKNOWN
    assert await client.answer(again) is AckStatus.UNKNOWN
    assert (await client.next(RoomError)).code is RoomErrorCode.REJOIN_SUGGESTED
    held.execute(f"PRAGMA max_page_count = {pages + 10_000}")
    assert await client.put_updates(Magic.ELO, DIARY, update) is AckStatus.OK
    assert (await other.next(DocUpdate)).updates == (update,)


async def test_after_a_failure_rooms_go_on_from_what_is_stored(
    plain: Relay, plain_config: RelayConfig
) -> None:
    client = await entered(plain)
    assert await client.put_updates(Magic.ELO, DIARY, pack([delta(0, 1)])) is AckStatus.OK
    held = connection(plain)
    pages = held.execute("PRAGMA page_count").fetchone()[0]
    held.execute(f"PRAGMA max_page_count = {pages}")
    large = [pack([delta(n, n + 1, ciphertext=bytes(50_000))]) for n in range(1, 9)]
    batches = [client.offer(Magic.ELO, DIARY, update) for update in large]
    assert {await client.answer(batch) for batch in batches} == {AckStatus.UNKNOWN}
    held.execute(f"PRAGMA max_page_count = {pages + 10_000}")
    for update in large:
        assert await client.put_updates(Magic.ELO, DIARY, update) is AckStatus.OK
    stored = sqlite3.connect(plain_config.data / "plain.sqlite")
    numbers = [number for (number,) in stored.execute("SELECT number FROM entry ORDER BY seq")]
    stored.close()
    assert numbers == list(range(9))


async def test_what_a_snapshot_covers_goes_when_its_grace_period_is_over(
    plain: Relay,
) -> None:
    client = await entered(plain)
    for start in range(3):
        await client.put_updates(Magic.ELO, DIARY, pack([delta(start, start + 1)]))
    whole = snapshot({b"7": 3})
    assert await client.put_updates(Magic.ELO, DIARY, pack([whole])) is AckStatus.OK
    late = await entered(plain)
    assert len(unpack((await late.next(DocUpdate)).updates[0])) == 4
    connection(plain).execute("UPDATE entry SET retired_ms = 1 WHERE retired_ms IS NOT NULL")
    assert plain._plain is not None
    plain._plain._keeper._swept_ms = 0
    assert await client.put_updates(Magic.ELO, DIARY, pack([delta(3, 4)])) is AckStatus.OK
    later = await entered(plain)
    assert unpack((await later.next(DocUpdate)).updates[0]) == (whole, delta(3, 4))


async def test_a_room_that_is_damaged_on_disk_lets_nobody_in_and_hurts_no_other(
    plain: Relay,
) -> None:
    client = await entered(plain)
    assert await client.put_updates(Magic.ELO, DIARY, pack([delta(0, 1)])) is AckStatus.OK
    client.leave(Magic.ELO, DIARY)
    connection(plain).execute("UPDATE entry SET body = x'00'")
    answer = await client.join(Magic.ELO, DIARY, b"", b"")
    assert isinstance(answer, JoinError)
    assert answer.code is JoinErrorCode.UNKNOWN
    assert isinstance(await client.join(Magic.ELO, RoomId("other"), b"", b""), JoinResponseOk)


@pytest.mark.parametrize(
    ("payload", "granted"),
    [(b"scribe", Permission.WRITE), (b"guest:1", Permission.READ), (b"", None), (b"\xff", None)],
)
async def test_a_token_says_what_its_holder_may_do(
    plain_config: RelayConfig, payload: bytes, granted: Permission | None
) -> None:
    tokens = {"scribe": Permission.WRITE, "guest:1": Permission.READ}
    config = replace(plain_config, plain_tokens=tokens)
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        client = await RawClient.connect(relay, LAPTOP)
        answer = await client.join(Magic.EPH, DIARY, payload, b"")
        assert getattr(answer, "permission", None) is granted
        expected = AckStatus.OK if granted is Permission.WRITE else AckStatus.PERMISSION_DENIED
        assert await client.put_updates(Magic.EPH, DIARY, b"said") is expected


async def test_a_sealed_rooms_name_is_never_a_plain_room(plain: Relay) -> None:
    client = await RawClient.connect(plain, LAPTOP)
    answer = await client.join(Magic.ELO, STRUCTURE, b"", b"")
    assert isinstance(answer, JoinError)
    assert answer.code is JoinErrorCode.AUTH_FAILED


async def test_a_kind_that_is_only_named_yet_is_no_room(plain: Relay) -> None:
    client = await RawClient.connect(plain, LAPTOP)
    answer = await client.join(Magic.SKB, DIARY, b"", b"")
    assert isinstance(answer, JoinError)
    assert answer.app_code == "room_invalid"
