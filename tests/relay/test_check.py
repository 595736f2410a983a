"""Whatever is turned, moved, lost or doubled among the records is found, and its room named."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sakya_sync.errors import DatabaseCorrupt
from sakya_sync.ids import RoomId
from sakya_sync.relay.check import Report, check
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.store.relay.store import FILE
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import AckStatus

from .people import ACCOUNT, FOUNDING, LAPTOP, STRUCTURE, TABLET, Pen, RawClient, b64u, enrolled

BODY = RoomId(STRUCTURE.replace("structure", "b1"))


@pytest.fixture
async def data(config: RelayConfig) -> Path:
    """Where a relay has kept two rooms by two authors, one of them with a snapshot."""
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        laptop = await RawClient.connect(relay, LAPTOP)
        await laptop.introduce((*FOUNDING, *enrolled(TABLET)))
        tablet = await RawClient.connect(relay, TABLET)
        await tablet.introduce(())
        for room in (STRUCTURE, BODY):
            one, other = Pen(LAPTOP, room), Pen(TABLET, room, peer=2)
            for client, pen in ((laptop, one), (tablet, other)):
                await client.enter(room)
                for number in range(4):
                    assert await client.put(pen.write(b"%d" % number), room=room) is AckStatus.OK
            owners = {one.peer: (one.author, one.end), other.peer: (other.author, other.end)}
            snapshot = one.snapshot((one.head, other.head), owners)
            assert await laptop.put(snapshot, one.write(), room=room) is AckStatus.OK
    return config.data


def hurt(data: Path, statement: str, *parameters: object) -> Report:
    """What a check finds after a change behind the relay's back."""
    with closing(sqlite3.connect(data / FILE)) as connection, connection:
        assert connection.execute(statement, parameters).rowcount > 0
    return check(data)


def test_a_relay_that_nobody_touched_is_well(data: Path) -> None:
    report = check(data)
    assert report.hurt == ()
    assert report.rooms == 4
    assert report.records > 20


def body_of(data: Path, wseq: int = 2) -> tuple[int, bytes]:
    """A record of the body's room, with its number."""
    with closing(sqlite3.connect(data / FILE)) as connection:
        found: tuple[int, bytes] = connection.execute(
            "SELECT seq, body FROM record WHERE wseq = ? AND author = ? AND room = "
            "(SELECT id FROM room WHERE name = ?)",
            (wseq, LAPTOP.public, BODY),
        ).fetchone()
    return found


def test_no_bit_of_a_record_can_turn_unnoticed(data: Path) -> None:
    seq, body = body_of(data)
    for place in range(0, len(body), 7):
        turned = bytearray(body)
        turned[place] ^= 1 << place % 8
        report = hurt(data, "UPDATE record SET body = ? WHERE seq = ?", bytes(turned), seq)
        assert [item.room for item in report.hurt] == [BODY], place
    assert hurt(data, "UPDATE record SET body = ? WHERE seq = ?", body, seq).hurt == ()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)",
        "UPDATE record SET wseq = 99 WHERE seq = (SELECT max(seq) FROM record)",
        "INSERT INTO record (room, author, wseq, body) "
        "SELECT room, author, wseq, body FROM record WHERE seq = (SELECT max(seq) FROM record)",
        "DELETE FROM head WHERE room = (SELECT max(id) FROM room)",
        "UPDATE head SET chain = zeroblob(32) WHERE room = (SELECT max(id) FROM room)",
        "UPDATE owner SET next = next + 1 WHERE room = (SELECT max(id) FROM room)",
        "UPDATE room SET bytes = bytes + 1 WHERE id = (SELECT max(id) FROM room)",
        "UPDATE record SET room = (SELECT max(id) FROM room) WHERE seq = 4",
    ],
)
def test_what_is_lost_moved_or_doubled_is_found(data: Path, statement: str) -> None:
    assert BODY in {item.room for item in hurt(data, statement).hurt}


def test_the_other_rooms_are_not_blamed(data: Path) -> None:
    seq, body = body_of(data, 0)
    report = hurt(data, "UPDATE record SET body = ? WHERE seq = ?", body[:-1], seq)
    assert [item.room for item in report.hurt] == [BODY]


def test_records_without_a_room_are_found(data: Path) -> None:
    report = hurt(
        data, "INSERT INTO record SELECT 9999, 77, author, wseq, body FROM record LIMIT 1"
    )
    assert "no room" in report.hurt[0].reason


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access SET body = substr(body, 1, length(body) - 1) WHERE number = 0",
        "UPDATE access SET body = substr(body, 1, length(body) - 1) || x'00' WHERE number = 0",
        "UPDATE access SET number = 77 WHERE number = 0",
        "DELETE FROM access WHERE number = 0",
    ],
)
def test_certificates_are_checked_as_well(data: Path, statement: str) -> None:
    room = RoomId(f"{b64u(ACCOUNT)}/access")
    assert room in {item.room for item in hurt(data, statement).hurt}


def test_a_damaged_database_is_told_as_such(data: Path) -> None:
    path = data / FILE
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * (size // 2))
    with pytest.raises(DatabaseCorrupt):
        check(data)
