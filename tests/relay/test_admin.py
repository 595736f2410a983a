"""Whoever watches a relay learns how it is, and of nobody."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.metadata import version

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.metrics import Tally
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import AckStatus, DocUpdate, Magic

from .people import FOUNDING, LAPTOP, STRUCTURE, TABLET, Pen, RawClient, enrolled


@pytest.fixture
async def watched(config: RelayConfig) -> AsyncIterator[Relay]:
    """A relay with an admin port."""
    async with Relay(
        replace(config, admin=("127.0.0.1", 0)), clock=SystemClock(), quiet=True
    ) as running:
        yield running


async def asked(relay: Relay, path: str) -> tuple[int, str]:
    """Status and body of a GET."""
    assert relay._admin is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", relay._admin.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: admin\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head, _, body = answer.decode().partition("\r\n\r\n")
    return int(head.split()[1]), body


async def samples(relay: Relay) -> dict[str, float]:
    """What /metrics says, by name and labels."""
    status, text = await asked(relay, "/metrics")
    assert status == 200
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = "".join(f" {key}={value}" for key, value in sorted(sample.labels.items()))
            found[sample.name + labels] = sample.value
    return found


async def test_a_running_relay_is_healthy_ready_and_says_its_version(watched: Relay) -> None:
    assert await asked(watched, "/healthz") == (200, "ok\n")
    assert await asked(watched, "/readyz") == (200, "ready\n")
    assert await asked(watched, "/version") == (200, f"{version('sakya-sync')}\n")
    assert (await asked(watched, "/secrets"))[0] == 404


async def test_a_relay_that_stops_is_not_ready(watched: Relay) -> None:
    watched._draining = True
    assert await asked(watched, "/readyz") == (503, "stopping\n")


async def test_what_a_relay_does_is_counted(watched: Relay) -> None:
    laptop = await RawClient.connect(watched, LAPTOP)
    await laptop.introduce((*FOUNDING, *enrolled(TABLET)))
    await laptop.enter()
    tablet = await RawClient.connect(watched, TABLET)
    await tablet.introduce(())
    await tablet.enter()
    before = await samples(watched)
    pen = Pen(LAPTOP)
    for _ in range(5):
        assert await laptop.put(pen.write()) is AckStatus.OK
        await tablet.next(DocUpdate)
    assert await laptop.put_updates(Magic.ELO, STRUCTURE, b"rubbish") is not AckStatus.OK
    after = await samples(watched)
    assert after["sakya_ack_seconds_count"] == before["sakya_ack_seconds_count"] + 5
    assert after["sakya_delivery_seconds_count"] == before["sakya_delivery_seconds_count"] + 5
    assert after["sakya_commit_batches_sum"] == before["sakya_commit_batches_sum"] + 5
    assert after["sakya_connections"] == 2
    assert after["sakya_rooms"] == after["sakya_rooms_open"] == 1
    assert after["sakya_stored_bytes"] > 5 * 200
    assert after["sakya_refused_total reason=invalid_update what=batch"] == 1
    assert after["sakya_commits_failed_total"] == 0
    assert after["process_open_fds"] > 0


async def test_no_answer_names_anybody(watched: Relay) -> None:
    laptop = await RawClient.connect(watched, LAPTOP)
    await laptop.introduce()
    await laptop.enter()
    await laptop.put(Pen(LAPTOP).write())
    _, text = await asked(watched, "/metrics")
    for named in (STRUCTURE.partition("/")[0], "structure", LAPTOP.public.hex(), "127.0.0.1"):
        assert named not in text


def test_a_tally_counts_each_value_in_its_bucket_and_in_all_above() -> None:
    tally = Tally((1.0, 10.0))
    for value in (0.5, 1.0, 3.0, 99.0):
        tally.add(value)
    counted = {s.labels.get("le"): s.value for s in tally.family("t", "T").samples}
    assert (counted["1.0"], counted["10.0"], counted["+Inf"]) == (2, 3, 4)
    sums = [s.value for s in tally.family("t", "T").samples if s.name == "t_sum"]
    assert sums == [103.5]
