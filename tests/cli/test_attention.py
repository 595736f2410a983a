"""Something that a writer should look at is told, and has a status of its own."""

import shutil
from pathlib import Path

from process.command import device, eventually, founded, joined, relay

NOVEL = {"manuscript/one.md": "It was a salty night.\n"}


def test_a_name_that_cannot_be_on_every_system_exits_3_and_is_told(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        (laptop.folder / "con.md").write_text("Not on Windows.\n")
        ran = laptop.run("sync", laptop.folder)
        assert ran.status == 3, ran
        assert "con.md" in ran.err
        status = laptop.ok("status", laptop.folder, "--json").object()
        assert [entry["path"] for entry in status["attention"]] == ["con.md"]
        assert (laptop.folder / "con.md").read_text() == "Not on Windows.\n"
        answered = laptop.run("sync", laptop.folder, "--json")
        assert answered.status == 3
        told = answered.object()
        assert told["error"]["code"] == "attention-needed"


def test_init_and_join_name_what_cannot_be_synced_and_do_their_work(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = device(tmp_path, "laptop", NOVEL | {"con.md": "Not on Windows.\n"})
        began = laptop.ok("init", laptop.folder, "--relay", served.url)
        assert "con.md: Windows" in began.err
        tablet = device(tmp_path, "tablet", {"nul.md": "Here already.\n"})
        coming = ("join", tablet.folder, "--relay", served.url, "--recovery", "--json")
        came = tablet.ok(*coming, stdin=laptop.words).object()
        assert [entry["path"] for entry in came["attention"]] == ["nul.md"]
        assert set(tablet.contents()) == {*NOVEL, "nul.md"}


def test_a_deletion_of_much_is_held_named_and_put_back_or_approved(tmp_path: Path) -> None:
    novel = {f"manuscript/{number}.md": f"Chapter {number}.\n" for number in range(6)}
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, novel)
        assert laptop.ok("put-back", laptop.folder).out == "Nothing is held.\n"
        assert laptop.ok("approve", laptop.folder).out == "Nothing is held.\n"
        shutil.rmtree(laptop.folder / "manuscript")
        ran = laptop.run("sync", laptop.folder)
        assert ran.status == 3
        assert "6 files are gone or almost empty: manuscript/0.md" in ran.err
        assert "sakya approve" in ran.err
        assert "sakya put-back" in ran.err
        status = laptop.ok("status", laptop.folder)
        assert "gone or almost empty, and held" in status.out
        assert "manuscript/5.md" in status.out
        answered = laptop.run("sync", laptop.folder, "--json").object()
        assert answered["error"]["code"] == "deletion-held"
        assert answered["held"] == sorted(novel)
        assert "6 files are back" in laptop.ok("put-back", laptop.folder).out
        assert set(laptop.contents()) == set(novel)
        assert "nothing had changed" in laptop.ok("sync", laptop.folder).out
        shutil.rmtree(laptop.folder / "manuscript")
        assert laptop.run("sync", laptop.folder).status == 3
        assert "Approved: 6 files." in laptop.ok("approve", laptop.folder).out
        tablet = joined(tmp_path, served, laptop)
        assert tablet.contents() == {}


def test_a_word_on_what_is_held_reaches_the_process_that_watches(tmp_path: Path) -> None:
    novel = {f"manuscript/{number}.md": f"Chapter {number}.\n" for number in range(6)}
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, novel)
        tablet = joined(tmp_path, served, laptop)
        with laptop.start("watch", laptop.folder):
            log = tmp_path / "laptop-home.log"
            eventually(lambda: "in sync" in log.read_text(), "a start")
            # At once: file by file, the first could pass before the guard sees how many go.
            (laptop.folder / "manuscript").rename(tmp_path / "gone")
            eventually(lambda: "held  6 files are gone" in log.read_text(), "that they are held")
            assert "6 files are back" in laptop.ok("put-back", laptop.folder).out
            assert set(laptop.contents()) == set(novel)
            (laptop.folder / "manuscript").rename(tmp_path / "gone again")
            eventually(lambda: log.read_text().count("held  6 files") == 2, "that they are held")
            assert "Approved: 6 files." in laptop.ok("approve", laptop.folder).out
            eventually(lambda: tablet.run("sync", tablet.folder).status == 0, "a sync")
            eventually(lambda: not (tablet.ok("sync", tablet.folder), tablet.contents())[1], "that")
