"""Something that a writer should look at is told, and has a status of its own."""

from pathlib import Path

from process.command import device, founded, relay

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
