"""What an operator does beside a relay that goes on."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from process.command import RelayProcess, device, founded, joined, relay

NOVEL = {"manuscript/one.md": "It was a salty night.\n", "notes/plot.md": "She leaves.\n"}


def test_a_backup_made_while_writers_write_is_whole_and_brings_everything_back(
    tmp_path: Path,
) -> None:
    operator = device(tmp_path, "operator")
    backups = [tmp_path / f"backup{number}" for number in range(2)]
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)

        def back_up() -> None:
            for backup in backups:
                operator.ok("relay", "backup", backup, "--data", served.data)

        working = threading.Thread(target=back_up)
        working.start()
        number = 0
        while working.is_alive():
            (laptop.folder / "notes/plot.md").write_text(f"She leaves, {number}.\n")
            laptop.ok("sync", laptop.folder)
            number += 1
        working.join()
        for backup in backups:
            assert operator.ok("relay", "check", "--data", backup, "--json").object()["hurt"] == []
        assert operator.ok("relay", "check", "--data", served.data).out.startswith("All is well")
        # The relay is lost; its last backup is older than what was written since.
        served.kill()
        (laptop.folder / "notes/since.md").write_text("Written since.\n")
        lost = served.data.rename(tmp_path / "lost")
        operator.ok("relay", "restore", backups[-1], "--data", served.data)
        served.start()
        laptop.ok("sync", laptop.folder)
        tablet = joined(tmp_path, served, laptop)
        assert tablet.contents() == laptop.contents()
        assert lost.exists()


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    operator = device(tmp_path, "operator")
    with relay(tmp_path) as served:
        founded(tmp_path, served, NOVEL)
        backup = tmp_path / "backup"
        operator.ok("relay", "backup", backup, "--data", served.data)
        for arguments in (
            ("backup", backup, "--data", served.data),
            ("restore", backup, "--data", served.data),
        ):
            told = operator.run("relay", *arguments, "--json")
            assert told.status == 2
            assert told.object()["error"]["code"] == "data-present"
        nothing = operator.run("relay", "backup", tmp_path / "b2", "--data", tmp_path, "--json")
        assert nothing.object()["error"]["code"] == "backup-unusable"
        assert not (tmp_path / "b2").exists()


def test_a_damaged_room_is_named_and_the_command_fails(tmp_path: Path) -> None:
    operator = device(tmp_path, "operator")
    with relay(tmp_path) as served:
        founded(tmp_path, served, NOVEL)
        served.stop()
        with closing(sqlite3.connect(served.data / "relay.sqlite")) as connection, connection:
            (name,) = connection.execute("SELECT name FROM room WHERE id = 1").fetchone()
            spoil = "UPDATE record SET body = substr(body, 1, length(body) - 1) WHERE room = 1"
            connection.execute(spoil)
        told = operator.run("relay", "check", "--data", served.data, "--json")
        assert told.status == 6
        assert told.object()["error"]["code"] == "relay-hurt"
        assert [item["room"] for item in told.object()["hurt"]] == [name]
        person = operator.run("relay", "check", "--data", served.data)
        assert name in person.err


def test_used_tickets_are_thrown_away_and_records_stay(tmp_path: Path) -> None:
    operator = device(tmp_path, "operator")
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        operator.ok("relay", "invite", "--data", served.data)
        before = stats(served, "--json")
        assert before["rooms"] >= 3
        assert before["invitations"] == 1
        assert operator.ok("relay", "gc", "--data", served.data, "--json").object()["nonces"] == 0
        aged(served)
        found = operator.ok("relay", "gc", "--data", served.data, "--json").object()
        assert found["nonces"] >= 1
        assert found["invitations"] == 1
        busy = operator.run("relay", "gc", "--compact", "--data", served.data, "--json")
        assert busy.object()["error"]["code"] == "relay-busy"
        served.stop()
        operator.ok("relay", "gc", "--compact", "--data", served.data)
        served.start()
        assert stats(served, "--json")["records"] == before["records"]
        tablet = joined(tmp_path, served, laptop)
        assert tablet.contents() == laptop.contents()
        assert "record bytes" in operator.ok("relay", "stats", "--data", served.data).out


def stats(served: RelayProcess, *arguments: str) -> dict[str, int]:
    """What the relay keeps."""
    operator = device(served.root, f"operator-{len(list(served.root.iterdir()))}")
    return operator.ok("relay", "stats", "--data", served.data, *arguments).object()


def aged(served: RelayProcess) -> None:
    """As if everything had happened a year ago."""
    with closing(sqlite3.connect(served.data / "relay.sqlite")) as connection, connection:
        connection.execute("UPDATE nonce SET time_ms = time_ms - 31536000000")
        connection.execute("UPDATE invitation SET expires_ms = expires_ms - 31536000000")
