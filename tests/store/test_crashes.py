"""Whatever the moment of a crash or a power failure: what was acknowledged is stored, and whole."""

import asyncio
import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sakya_sync.errors import DiskFull
from sakya_sync.ids import DeviceId, PublicKey, SubjectId
from sakya_sync.store.database import RELAY, open_database
from sakya_sync.store.relay.store import RelayBatch, RelayStore

from .faults import Disk, Wreck, watched

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/maps").exists()
    or "libsqlite3.so" not in Path("/proc/self/maps").read_text(),
    reason="needs the system's SQLite library",
)

SEED = 0x0D15C
SUBJECT = SubjectId(PublicKey(bytes(32)))
RECORDS = 3


def batch(number: int, size: int) -> RelayBatch:
    """A batch of several records, which can be told from all others."""
    made = RelayBatch()
    body = random.Random(number).randbytes(size)
    for part in range(RECORDS):
        made.access(SUBJECT, number * RECORDS + part, bytes([part]) + body)
    made.nonce(DeviceId(PublicKey(bytes(32))), number.to_bytes(16, "big"), 1_700_000_000_000)
    return made


async def fill(directory: Path, sizes: list[int], disk: Disk) -> dict[int, int]:
    """Store batches, several at once; for each, how many steps there were when it was acked."""
    acked: dict[int, int] = {}
    store = RelayStore(directory)

    async def put(number: int, size: int) -> None:
        await store.submit(batch(number, size))
        acked[number] = len(disk.steps)

    try:
        numbered = list(enumerate(sizes))
        while numbered:
            group, numbered = numbered[: 1 + len(numbered) % 3], numbered[1 + len(numbered) % 3 :]
            await asyncio.gather(*(put(number, size) for number, size in group))
    finally:
        store.close()
    return acked


def stored(directory: Path) -> set[int]:
    """The batches that a relay finds when it starts, each of which must be whole."""
    with closing(open_database(directory / "relay.sqlite", RELAY, create=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute("SELECT number, body FROM access").fetchall()
        nonces = connection.execute("SELECT nonce FROM nonce").fetchall()
    found: dict[int, list[bytes]] = {}
    for number, body in rows:
        found.setdefault(number // RECORDS, []).append(body)
    for number, bodies in found.items():
        assert len(bodies) == RECORDS, f"half a batch: {number}"
        expected = random.Random(number).randbytes(len(bodies[0]) - 1)
        assert all(body[1:] == expected for body in bodies)
    assert {int.from_bytes(nonce, "big") for (nonce,) in nonces} == set(found)
    return set(found)


def steps_to_try(disk: Disk, most: int) -> set[int]:
    """Around every sync, and as many more as there is time for."""
    near = {at + by for at, step in enumerate(disk.steps) if step.kind == "sync" for by in (0, 1)}
    others = sorted(set(range(1, len(disk.steps) + 1)) - near)
    return near | set(random.Random(SEED).sample(others, min(most, len(others))))


def crash_everywhere(
    disk: Disk,
    acked: dict[int, int],
    tmp_path: Path,
    wreck_at: Callable[[Wreck, Path, int], None],
    most: int = 80,
) -> None:
    """Leave the disk as it is after each step, and start again from that."""
    wreck = Wreck()
    tried = steps_to_try(disk, most)
    for at, step in enumerate(disk.steps, start=1):
        wreck.add(step)
        if at not in tried:
            continue
        directory = tmp_path / f"after-{at}"
        directory.mkdir()
        wreck_at(wreck, directory, at)
        found = stored(directory)
        lost = {number for number, when in acked.items() if when <= at} - found
        assert not lost, f"acked and lost, after {at} steps: {lost}"
        for file in directory.iterdir():
            file.unlink()


SMALL = [200] * 40
WITH_CHECKPOINTS = [200, 400_000, 900_000, 200, 700_000, 900_000, 200, 900_000, 200, 200]


@pytest.mark.parametrize("sizes", [SMALL, WITH_CHECKPOINTS], ids=["small", "checkpoints"])
async def test_a_relay_killed_at_any_step_of_a_commit_has_what_it_acked(
    tmp_path: Path, sizes: list[int]
) -> None:
    with watched() as disk:
        acked = await fill(tmp_path / "relay", sizes, disk)
    assert len(acked) == len(sizes)
    crash_everywhere(disk, acked, tmp_path, lambda wreck, to, _: wreck.killed(to))


@pytest.mark.parametrize(
    ("sizes", "share"),
    [(SMALL, 0.0), (SMALL, 0.5), (SMALL, 0.9), (WITH_CHECKPOINTS, 0.5)],
    ids=["small-none", "small-half", "small-most", "checkpoints-half"],
)
async def test_a_relay_without_power_at_any_step_of_a_commit_has_what_it_acked(
    tmp_path: Path, sizes: list[int], share: float
) -> None:
    with watched() as disk:
        acked = await fill(tmp_path / "relay", sizes, disk)

    def wreck_at(wreck: Wreck, to: Path, at: int) -> None:
        wreck.powerless(to, random.Random(SEED + at), share)

    crash_everywhere(disk, acked, tmp_path, wreck_at)


async def test_the_crashes_find_an_ack_that_comes_before_its_sync(tmp_path: Path) -> None:
    with watched() as disk:
        acked = await fill(tmp_path / "relay", SMALL, disk)
    # As if the relay had acked each batch one sync earlier than it did.
    syncs = [at for at, step in enumerate(disk.steps) if step.kind == "sync"]
    hasty = {number: max(at for at in syncs if at < when) for number, when in acked.items()}
    with pytest.raises(AssertionError, match="acked and lost"):
        crash_everywhere(
            disk, hasty, tmp_path, lambda wreck, to, _: wreck.powerless(to, random.Random(1), 0.0)
        )


async def test_a_disk_that_fills_up_in_the_middle_of_a_commit_keeps_what_was_acked(
    tmp_path: Path,
) -> None:
    for free in range(0, 60_000, 3_500):
        directory = tmp_path / f"relay-{free}"
        with watched() as disk:
            store = RelayStore(directory)
            try:
                await store.submit(batch(0, 200))
                disk.free_bytes = free
                held = {0}
                for number in range(1, 30):
                    try:
                        await store.submit(batch(number, 3_000))
                        held.add(number)
                    except DiskFull:
                        break
                assert len(store.access_records(SUBJECT)) == RECORDS * len(held)
                disk.free_bytes = None
                store.resume()
                await store.submit(batch(40, 200))
            finally:
                store.close()
        assert stored(directory) == held | {40}
