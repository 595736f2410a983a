"""What goes wrong, in words, in JSON and as an exit status."""

from dataclasses import replace
from pathlib import Path

import pytest

from process.command import SAKYA, Device, Ran, device, eventually, founded, joined, relay
from rights import python_with_rights

NOVEL = {"manuscript/one.md": "It was a salty night.\n"}
HOURS_OFF = """
import sys
from sakya_sync import system
real = system.SystemClock.wall_ms
system.SystemClock.wall_ms = lambda self: real(self) + int(3 * 3600 * 1000)
"""


def assert_told(
    who: Device, status: int, code: str, *arguments: str | Path, stdin: str = "", program: str = ""
) -> None:
    """The same error, told to a person and to a program."""
    program = program or SAKYA
    person = who.run(*arguments, stdin=stdin, program=program)
    assert person.status == status, person
    assert person.out == ""
    assert f"({code})" in person.err
    assert "Traceback" not in person.err
    answered = who.run(*arguments, "--json", stdin=stdin, program=program)
    assert answered.status == status, answered
    assert_error(answered, code)


def assert_error(answered: Ran, code: str) -> None:
    told = answered.object()
    assert told["ok"] is False
    assert told["error"]["code"] == code
    assert told["error"]["message"]
    assert told["error"]["hint"]
    assert "?" not in told["error"]["message"]


@pytest.mark.parametrize("command", ["init", "join", "sync", "watch", "status", "version", "demo"])
def test_an_unknown_option_is_a_usage_error(tmp_path: Path, command: str) -> None:
    answered = device(tmp_path, "laptop").run(command, "--xyzzy", "--json")
    assert answered.status == 2
    assert_error(answered, "usage")


def test_an_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    assert_told(device(tmp_path, "laptop"), 2, "usage", "publish")


@pytest.mark.parametrize("command", ["sync", "watch", "status"])
def test_a_folder_that_is_no_project_is_a_usage_error(tmp_path: Path, command: str) -> None:
    laptop = device(tmp_path, "laptop", NOVEL)
    assert_told(laptop, 2, "folder-not-a-project", command, laptop.folder)


def test_showing_a_kit_without_an_account_is_a_usage_error(tmp_path: Path) -> None:
    assert_told(device(tmp_path, "laptop"), 2, "account-missing", "recovery", "show")


def test_an_address_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    laptop = device(tmp_path, "laptop", NOVEL)
    assert_told(laptop, 2, "address-invalid", "init", laptop.folder, "--relay", "http://relay")
    assert_told(
        laptop, 2, "address-invalid", "relay", "serve", "--listen", "here", "--data", tmp_path / "d"
    )


def test_wrong_recovery_words_are_a_usage_error_and_leave_no_account(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        tablet = device(tmp_path, "tablet")
        coming = ("join", tablet.folder, "--relay", served.url, "--recovery")
        assert_told(tablet, 2, "recovery-words-wrong", *coming, stdin="salt " * 24)
        assert_told(tablet, 2, "recovery-words-wrong", *coming, stdin="")
        assert not (tablet.home / "vault").exists()


def test_a_project_cannot_be_founded_twice(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        assert_told(
            laptop, 2, "folder-already-a-project", "init", laptop.folder, "--relay", served.url
        )


def test_a_relay_that_is_down_exits_4_and_keeps_what_was_written(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = joined(tmp_path, served, laptop)
        served.kill()
        (laptop.folder / "manuscript/two.md").write_text("Written offline.\n")
        assert_told(laptop, 4, "relay-unreachable", "sync", laptop.folder)
        served.start()
        assert laptop.ok("sync", laptop.folder, "--json").object()["ok"] is True
        tablet.ok("sync", tablet.folder)
        assert tablet.contents() == laptop.contents()


def test_a_clock_that_is_hours_off_exits_5(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        (laptop.folder / "manuscript/two.md").write_text("Written tomorrow.\n")
        assert_told(laptop, 5, "clock-skewed", "sync", laptop.folder, program=HOURS_OFF + SAKYA)


def test_a_damaged_vault_exits_6(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        vault = laptop.home / "vault"
        vault.write_bytes(b"not a vault at all")
        assert_told(laptop, 6, "vault-corrupt", "sync", laptop.folder)
        assert_told(laptop, 6, "vault-corrupt", "recovery", "show")


def test_a_vault_whose_key_is_gone_exits_6(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        (laptop.home / "vault.key").unlink()
        assert_told(laptop, 6, "vault-locked", "sync", laptop.folder)


def test_a_damaged_database_exits_6_and_the_files_stay(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        before = laptop.contents()
        (database,) = (laptop.home / "projects").glob("*/state.sqlite")
        for beside in database.parent.glob("state.sqlite-*"):
            beside.unlink()
        database.write_bytes(b"this was a database once" * 400)
        assert_told(laptop, 6, "database-corrupt", "sync", laptop.folder)
        assert_told(laptop, 6, "database-corrupt", "status", laptop.folder)
        assert laptop.contents() == before


@pytest.mark.parametrize("mode", [0o000, 0o500])
def test_a_folder_that_may_not_be_read_or_written_exits_1(tmp_path: Path, mode: int) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = joined(tmp_path, served, laptop)
        (laptop.folder / "manuscript/one.md").write_text("It was a salty day.\n")
        laptop.ok("sync", laptop.folder)
        inside = tablet.folder / "manuscript"
        inside.chmod(mode)
        try:
            bound = replace(tablet, python=python_with_rights())
            assert_told(bound, 1, "permission-missing", "sync", tablet.folder)
        finally:
            inside.chmod(0o700)


def test_two_processes_do_not_sync_one_folder_at_once(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        with laptop.start("watch", laptop.folder):
            eventually(
                lambda: bool(laptop.ok("status", laptop.folder, "--json").object()["busy"]),
                "a watching laptop",
            )
            assert_told(laptop, 1, "device-busy", "sync", laptop.folder)
