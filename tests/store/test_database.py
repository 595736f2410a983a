import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from sakya_sync.errors import DatabaseCorrupt
from sakya_sync.store.database import DEVICE, RELAY, Kind, open_database, open_for_reading
from sakya_sync.store.device.store import DeviceStore
from sakya_sync.store.disk import SystemDisk
from sakya_sync.store.relay.store import RelayStore


@pytest.mark.parametrize("kind", [DEVICE, RELAY], ids=["device", "relay"])
def test_every_commit_is_durable_and_the_file_is_its_users_alone(
    tmp_path: Path, kind: Kind
) -> None:
    path = tmp_path / "state.sqlite"
    connection = open_database(path, kind, create=True)
    try:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    finally:
        connection.close()
    assert path.stat().st_mode & 0o077 == 0 or path.drive


@pytest.mark.parametrize("content", [b"", b"rubbish" * 1000], ids=["empty", "rubbish"])
def test_what_is_no_database_of_ours_is_damage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(content)
    with pytest.raises(DatabaseCorrupt) as caught:
        open_database(path, DEVICE)
    assert "join" in caught.value.hint
    with pytest.raises(DatabaseCorrupt):
        open_for_reading(path, DEVICE)


def test_a_missing_database_is_not_made_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with pytest.raises(DatabaseCorrupt):
        open_database(path, DEVICE)
    assert not path.exists()


def test_a_database_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    first = open_database(path, replace(RELAY, version=1), create=True)
    first.execute("INSERT INTO room (id, name, subject) VALUES (1, 'a', x'00'), (2, 'b', x'00')")
    add = "INSERT INTO record (room, author, wseq, body) VALUES (1, x'00', ?, ?)"
    first.executemany(add, [(0, b"four"), (1, b"eleven more")])
    first.close()
    with pytest.raises(DatabaseCorrupt):
        open_database(path, RELAY)
    now = open_database(path, RELAY, create=True)
    try:
        rows = now.execute("SELECT id, bytes FROM room ORDER BY id").fetchall()
        assert rows == [(1, 15), (2, 0)]
        assert now.execute("PRAGMA user_version").fetchone() == (RELAY.version,)
    finally:
        now.close()
    open_for_reading(path, RELAY).close()


def test_a_database_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    open_database(path, RELAY, create=True).close()
    with pytest.raises(DatabaseCorrupt):
        open_database(path, replace(RELAY, version=1), create=True)
    open_database(path, RELAY).close()


def test_a_database_lies_on_the_disk_that_is_given(tmp_path: Path) -> None:
    asked: list[Path] = []

    class Noted(SystemDisk):
        def connect(self, path: Path) -> sqlite3.Connection:
            asked.append(path)
            return super().connect(path)

    RelayStore(tmp_path, disk=Noted()).close()
    DeviceStore(tmp_path / "state.sqlite", create=True, disk=Noted()).close()
    assert {path.name for path in asked} == {"relay.sqlite", "state.sqlite"}
