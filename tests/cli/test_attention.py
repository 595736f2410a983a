"""Something that a writer should look at is told, and has a status of its own."""

from pathlib import Path

from process.command import founded, relay

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
