"""Heads and owners reach their tables later than records do, and nobody can tell."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from relay.people import LAPTOP, SUBJECT, TABLET, Pen
from sakya_sync.errors import SakyaError
from sakya_sync.session.rooms.names import room_id
from sakya_sync.store.relay.store import FILE, RelayBatch, RelayStore

from .shelf import Shelf

STRUCTURE = room_id(SUBJECT, "structure")


def settled(directory: Path) -> tuple[int, int]:
    """Up to which record the tables are, and how far the highest head in them is."""
    with closing(sqlite3.connect(directory / FILE)) as connection:
        ((seq, wseq),) = connection.execute(
            "SELECT (SELECT seq FROM settled), (SELECT max(wseq) FROM head)"
        )
    return seq, wseq if wseq is not None else -1


def shelf(directory: Path, settle_records: int) -> Shelf:
    return Shelf(lambda: RelayStore(directory, settle_records=settle_records), RelayBatch)


@pytest.mark.parametrize("settle_records", [1, 3, 1_000])
async def test_a_room_is_where_its_records_are_however_late_the_tables_are(
    tmp_path: Path, settle_records: int
) -> None:
    kept = shelf(tmp_path, settle_records)
    log, laptop, tablet = kept.room(), Pen(LAPTOP, peer=1), Pen(TABLET, peer=2)
    try:
        for _ in range(7):
            await log.append(laptop.write(), tablet.write())
            stored = kept.store.room(STRUCTURE)
            assert stored is not None
            assert set(stored.heads) == {laptop.head, tablet.head}
            assert stored.owners == {pen.peer: (pen.author, pen.end) for pen in (laptop, tablet)}
            assert kept.store.digests(SUBJECT) == {"structure": log.state.digest()}
            assert len(log.backfill()) == laptop.wseq + tablet.wseq
    finally:
        kept.store.close()


async def test_the_tables_follow_once_enough_has_gathered(tmp_path: Path) -> None:
    kept = shelf(tmp_path, 3)
    log, pen = kept.room(), Pen(LAPTOP)
    try:
        for _ in range(2):
            await log.append(pen.write())
        assert settled(tmp_path) == (0, -1)
        await log.append(pen.write())
        # Commits are made in order: once the next one is there, so are the tables.
        await log.append(pen.write())
        assert settled(tmp_path) == (3, 2)
    finally:
        kept.store.close()
    assert settled(tmp_path) == (4, 3)


async def test_after_a_crash_the_tables_are_made_good_from_the_log(tmp_path: Path) -> None:
    crashed = shelf(tmp_path, 1_000)
    log, laptop, tablet = crashed.room(), Pen(LAPTOP, peer=1), Pen(TABLET, peer=2)
    await log.append(laptop.write(), tablet.write())
    await log.append(
        tablet.snapshot(
            log.state.heads(), {pen.peer: (pen.author, pen.end) for pen in (laptop, tablet)}
        )
    )
    await log.append(laptop.write())
    assert settled(tmp_path) == (0, -1)
    again = shelf(tmp_path, 1_000)
    try:
        assert settled(tmp_path) == (4, 1)
        stored = again.store.room(STRUCTURE)
        assert stored is not None
        assert stored.snapshot is not None
        assert set(stored.heads) == {laptop.head, tablet.head}
        assert again.room().state.digest() == log.state.digest()
        await again.room().append(laptop.write())
    finally:
        again.store.close()
        crashed.store.close()


async def test_tables_that_cannot_be_written_are_written_later(tmp_path: Path) -> None:
    kept = shelf(tmp_path, 2)
    log, pen = kept.room(), Pen(LAPTOP)
    try:
        await log.append(pen.write())
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute(
                "CREATE TRIGGER hurt BEFORE INSERT ON head BEGIN SELECT raise(FAIL, 'no'); END"
            )
            await log.append(pen.write())
            # What shares a commit with the tables may fail with them.
            with suppress(SakyaError):
                await kept.store.submit(kept.batch())
            kept.store.resume()
            other.execute("DROP TRIGGER hurt")
        stored = kept.store.room(STRUCTURE)
        assert stored is not None
        assert stored.heads == (pen.head,)
        assert settled(tmp_path) == (0, -1)
        for _ in range(2):
            await log.append(pen.write())
        assert settled(tmp_path)[1] >= 2
    finally:
        kept.store.close()
    assert settled(tmp_path)[1] == 3
