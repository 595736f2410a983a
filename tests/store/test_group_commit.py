import asyncio
import sqlite3
from pathlib import Path

import pytest

from sakya_sync.errors import DiskFull, SakyaError
from sakya_sync.store.database import RELAY, open_database
from sakya_sync.store.disk import SYSTEM_DISK
from sakya_sync.store.group_commit import GroupCommit
from sakya_sync.store.statements import Statements


def group_commit(connection: sqlite3.Connection, path: Path) -> GroupCommit[Statements]:
    return GroupCommit(connection, path, RELAY, SYSTEM_DISK.worker("group-commit"))


def insert(number: int, *, size: int = 1) -> Statements:
    batch = Statements()
    batch.add("INSERT INTO nonce VALUES (?, ?, ?)", b"device", b"%d" % number, number)
    batch.add("INSERT INTO nonce VALUES (?, ?, ?)", b"more", b"%d" % number + bytes(size), number)
    return batch


def numbers(path: Path) -> list[int]:
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT time_ms FROM nonce WHERE device = ?", (b"device",))
        return sorted(number for (number,) in rows)
    finally:
        connection.close()


async def test_a_batch_is_done_only_when_others_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    commits = group_commit(open_database(path, RELAY, create=True), path)
    try:
        for number in range(20):
            await commits.submit(insert(number))
            assert number in numbers(path)
        await asyncio.gather(*(commits.submit(insert(number)) for number in range(20, 200)))
        assert numbers(path) == list(range(200))
    finally:
        commits.close()


async def test_what_builds_on_a_failed_write_fails_until_the_loop_knows(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    commits = group_commit(open_database(path, RELAY, create=True), path)
    try:
        await commits.submit(insert(1))
        with pytest.raises(SakyaError):
            await commits.submit(insert(1))
        with pytest.raises(SakyaError):
            await commits.submit(insert(2))
        commits.resume()
        await commits.submit(insert(3))
        assert numbers(path) == [1, 3]
    finally:
        commits.close()


async def test_a_full_disk_stores_nothing_of_a_batch_and_ends_when_there_is_room(
    tmp_path: Path,
) -> None:
    path = tmp_path / "relay.sqlite"
    connection = open_database(path, RELAY, create=True)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 4}")
    commits = group_commit(connection, path)
    try:
        with pytest.raises(DiskFull):
            await commits.submit(insert(1, size=1_000_000))
        assert numbers(path) == []
        commits.resume()
        await commits.submit(insert(2))
        assert numbers(path) == [2]
    finally:
        commits.close()


async def test_what_builds_on_nothing_neither_fails_with_others_nor_takes_them_along(
    tmp_path: Path,
) -> None:
    path = tmp_path / "relay.sqlite"
    commits = group_commit(open_database(path, RELAY, create=True), path)
    try:
        await commits.submit(insert(1), independent=True)
        with pytest.raises(SakyaError):
            await commits.submit(insert(1), independent=True)
        await commits.submit(insert(2))
        with pytest.raises(SakyaError):
            await commits.submit(insert(1))
        await commits.submit(insert(3), independent=True)
        with pytest.raises(SakyaError):
            await commits.submit(insert(4))
        assert numbers(path) == [1, 2, 3]
    finally:
        commits.close()


async def test_every_commit_is_told_with_what_it_held(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    commits = group_commit(open_database(path, RELAY, create=True), path)
    told: list[tuple[int, bool]] = []
    commits.committed = lambda seconds, batches, stored: told.append((batches, stored))
    try:
        await asyncio.gather(*(commits.submit(insert(number)) for number in range(100)))
        with pytest.raises(SakyaError):
            await commits.submit(insert(1))
    finally:
        commits.close()
    assert told[-1] == (1, False)
    assert sum(batches for batches, stored in told if stored) == 100


async def test_what_is_queued_when_it_closes_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    commits = group_commit(open_database(path, RELAY, create=True), path)
    first = commits.submit(insert(1))
    await asyncio.sleep(0)
    rest = [commits.submit(insert(number)) for number in range(2, 5)]
    commits.close()
    assert numbers(path) == [1, 2, 3, 4]
    await asyncio.gather(first, *rest)


async def test_what_builds_on_a_write_that_failed_at_the_close_fails(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    commits = group_commit(open_database(path, RELAY, create=True), path)
    await commits.submit(insert(1))
    failing = commits.submit(insert(1))
    await asyncio.sleep(0)
    built_on_it = commits.submit(insert(2))
    commits.close()
    assert numbers(path) == [1]
    outcomes = await asyncio.gather(failing, built_on_it, return_exceptions=True)
    assert all(isinstance(outcome, SakyaError) for outcome in outcomes)


async def test_an_empty_batch_is_done_once_what_was_queued_before_it_is(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    commits = group_commit(open_database(path, RELAY, create=True), path)
    try:
        first = commits.submit(insert(1))
        await commits.submit(Statements())
        assert first.done()
        failing = commits.submit(insert(1))
        await asyncio.sleep(0)
        with pytest.raises(SakyaError):
            await commits.submit(Statements())
        with pytest.raises(SakyaError):
            await failing
    finally:
        commits.close()
