"""What a writer types, and what comes back."""

from pathlib import Path

import pytest

from process.command import device, founded, joined, relay

NOVEL = {"manuscript/one.md": "It was a salty night.\n", "notes/plot.md": "She leaves.\n"}


def test_a_project_is_founded_joined_changed_and_synced(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = device(tmp_path, "laptop", NOVEL)
        begun = laptop.ok("init", laptop.folder, "--relay", served.url)
        assert "novel is in sync: 2 files" in begun.out
        assert "sakya recovery show" in begun.out
        shown = laptop.ok("recovery", "show")
        assert " 1. " in shown.out
        assert "24. " in shown.out
        tablet = device(tmp_path, "tablet")
        came = tablet.ok(
            "join", tablet.folder, "--relay", served.url, "--recovery", stdin=laptop.words
        )
        assert "novel is here: 2 files" in came.out
        assert tablet.contents() == laptop.contents()
        (tablet.folder / "notes/plot.md").write_text("She stays.\n")
        status = tablet.ok("status", tablet.folder)
        assert "notes/plot.md" in status.out
        assert "1 sent" in tablet.ok("sync", tablet.folder).out
        assert "1 received" in laptop.ok("sync", laptop.folder).out
        assert "nothing had changed" in laptop.ok("sync", laptop.folder).out
        assert laptop.contents()["notes/plot.md"] == b"She stays.\n"


def test_every_command_answers_a_program_with_one_json_object(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = device(tmp_path, "laptop", NOVEL)
        begun = laptop.ok("init", laptop.folder, "--relay", served.url, "--json").object()
        assert begun["ok"] is True
        assert (begun["name"], begun["files"], begun["new_account"]) == ("novel", 2, True)
        kit = laptop.ok("recovery", "show", "--json").object()["words"]
        assert len(kit.split()) == 24
        tablet = device(tmp_path, "tablet")
        came = tablet.ok(
            "join", tablet.folder, "--relay", served.url, "--recovery", "--json", stdin=kit
        ).object()
        assert (came["ok"], came["files"], came["project"]) == (True, 2, begun["project"])
        (tablet.folder / "notes/plot.md").write_text("She stays.\n")
        status = tablet.ok("status", tablet.folder, "--json").object()
        assert (status["ok"], status["changed"]) == (True, ["notes/plot.md"])
        synced = tablet.ok("sync", tablet.folder, "--json").object()
        assert (synced["sent"], synced["received"]) == (["notes/plot.md"], [])
        assert laptop.ok("sync", laptop.folder, "--json").object()["received"] == ["notes/plot.md"]
        assert laptop.ok("version", "--json").object()["ok"] is True


def test_status_answers_while_the_relay_is_down(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        served.kill()
        (laptop.folder / "notes/plot.md").write_text("She stays.\n")
        status = laptop.ok("status", laptop.folder, "--json").object()
        assert status["changed"] == ["notes/plot.md"]
        assert status["last_in_sync"] is not None


def test_status_works_in_a_folder_below_the_project(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        below = laptop.ok("status", laptop.folder / "notes", "--json").object()
        assert below["folder"] == str(laptop.folder)


@pytest.mark.parametrize(
    "command",
    [
        "init",
        "join",
        "sync",
        "watch",
        "status",
        "approve",
        "put-back",
        "device",
        "recovery",
        "demo",
    ],
)
def test_help_is_shown_for_every_command(tmp_path: Path, command: str) -> None:
    shown = device(tmp_path, "laptop").ok(command, "--help")
    assert f"Usage: sakya {command}" in shown.out


def test_a_relay_stops_in_order_when_it_is_told_to_terminate(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        assert served.stop() == 0
        served.start()
        tablet = joined(tmp_path, served, laptop)
        assert tablet.contents() == laptop.contents()
