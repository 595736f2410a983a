"""The simulated world itself: it is deterministic, and its parts are what they say."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from sakya_sync.store.database import RELAY, open_database, transaction
from sakya_sync.testing.dice import Dice
from sakya_sync.testing.disk import DiskFaults, VirtualDisk
from sakya_sync.testing.loop import Stalled, VirtualLoop
from sakya_sync.testing.story import Measure, Story, tell
from sakya_sync.testing.world import Violation, World, run_world

DIGEST = """
from sakya_sync.testing.story import tell
from sakya_sync.testing.world import run_world
print(run_world(3, tell).trace.digest())
"""


def test_a_week_on_the_virtual_clock_takes_no_time() -> None:
    loop = VirtualLoop()
    try:
        loop.run_until_complete(asyncio.sleep(7 * 86_400))
        assert loop.time() == pytest.approx(7 * 86_400)
        assert loop.turns < 20
    finally:
        loop.close()


def test_a_world_in_which_nothing_is_due_says_so() -> None:
    loop = VirtualLoop()
    try:
        waiting = loop.create_future()
        with pytest.raises(Stalled):
            loop.run_until_complete(waiting)
    finally:
        loop.close()


def test_dice_of_equal_names_throw_equally() -> None:
    one, two, other = Dice(1, "disk"), Dice(1, "disk"), Dice(1, "network")
    assert [one.below(1000) for _ in range(5)] == [two.below(1000) for _ in range(5)]
    assert one.bytes(32) == two.bytes(32) != other.bytes(32)
    # As printed by CPython 3.11, 3.12 and 3.13.
    assert Dice(0).bytes(8).hex() == "f40d11505eb22efd"


@pytest.mark.parametrize(("level", "kept"), [("FULL", [1, 2]), ("OFF", [1])])
def test_a_power_cut_takes_what_was_not_synced(tmp_path: Path, level: str, kept: list[int]) -> None:
    loop = VirtualLoop()
    disk = VirtualDisk(loop, Dice(0), DiskFaults())
    path = tmp_path / "relay.sqlite"
    try:
        for number, wanted in ((1, "FULL"), (2, level)):
            connection = open_database(path, RELAY, create=True, disk=disk)
            connection.execute(f"PRAGMA synchronous = {wanted}")
            with transaction(connection):
                connection.execute(
                    "INSERT INTO nonce VALUES (x'00', ?, ?)", (b"%d" % number, number)
                )
        disk.power_cut()
        rows = disk.connect(path).execute("SELECT time_ms FROM nonce ORDER BY time_ms").fetchall()
        assert [number for (number,) in rows] == kept
    finally:
        disk.close()
        loop.close()


def test_a_worker_does_one_thing_after_another_and_ends_with_all_done() -> None:
    loop = VirtualLoop()
    disk = VirtualDisk(loop, Dice(0), DiskFaults())
    done: list[int] = []

    async def work() -> None:
        worker = disk.worker("hand")
        await asyncio.gather(
            *(loop.run_in_executor(worker, done.append, number) for number in range(5))
        )
        assert done == list(range(5))
        late: Future[None] = worker.submit(done.append, 5)
        worker.shutdown(wait=True)
        assert late.done()

    try:
        loop.run_until_complete(work())
    finally:
        disk.close()
        loop.close()
    assert done == list(range(6))


def test_a_commit_whose_answer_is_lost_is_durable(tmp_path: Path) -> None:
    loop = VirtualLoop()
    disk = VirtualDisk(loop, Dice(0), DiskFaults())
    try:
        connection = open_database(tmp_path / "relay.sqlite", RELAY, create=True, disk=disk)
        disk.faults.answer_lost = 1.0
        with pytest.raises(sqlite3.OperationalError), transaction(connection):
            connection.execute("INSERT INTO nonce VALUES (x'00', x'00', 1)")
        (database,) = disk.databases.values()
        assert database.read("SELECT time_ms FROM nonce") == [(1,)]
    finally:
        disk.close()
        loop.close()


async def _calm(world: World) -> None:
    story = Story(world, Measure(devices=3, actions=0))
    await story.begin()
    for _ in range(20):
        story.writings.write(story.dice.pick(story.devices), story.dice)
        await asyncio.sleep(0.3)
    await story.converge()
    await story.close()


def test_in_a_calm_world_what_is_written_is_soon_everywhere() -> None:
    world = run_world(0, _calm)
    assert world.loop.time() < 60


def test_the_same_seed_gives_the_same_trace_under_any_hash_seed() -> None:
    digests = {run_world(3, tell).trace.digest()}
    for hash_seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(ran.stdout.strip())
    assert len(digests) == 1


def test_what_may_not_be_ends_a_world_with_its_last_moments() -> None:
    async def broken(world: World) -> None:
        world.trace.note("somebody", "does something")
        world.complain("that may not be")

    with pytest.raises(Violation, match="that may not be") as raised:
        run_world(0, broken)
    assert "somebody does something" in str(raised.value)
