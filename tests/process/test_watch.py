"""Two devices that watch their folders."""

import json
from contextlib import ExitStack
from pathlib import Path

from process.command import eventually, founded, joined, relay

CHAPTER = "manuscript/one.md"
NOVEL = {CHAPTER: "It was a salty night.\n\nShe left.\n", "notes/plot.md": "She leaves.\n"}
PLANTED = "quicksilver marmalade"
TITLE = "zanzibar-heliotrope"


def test_two_watching_devices_see_each_others_saves(tmp_path: Path) -> None:
    with relay(tmp_path) as served, ExitStack() as stack:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = joined(tmp_path, served, laptop)
        for who in (laptop, tablet):
            stack.enter_context(who.start("watch", who.folder))
        (laptop.folder / CHAPTER).write_text("It was a very salty night.\n\nShe left.\n")
        eventually(lambda: b"very salty" in tablet.contents()[CHAPTER], "the laptop's word")
        text = (tablet.folder / CHAPTER).read_text()
        (tablet.folder / CHAPTER).write_text(text.replace("She left", "Ada left"))
        eventually(lambda: b"Ada left" in laptop.contents()[CHAPTER], "the tablet's word")
        (tablet.folder / "notes/new.md").write_text("New.\n")
        eventually(lambda: "notes/new.md" in laptop.contents(), "the tablet's file")
        (laptop.folder / "notes/plot.md").unlink()
        eventually(lambda: "notes/plot.md" not in tablet.contents(), "the laptop's removal")
        assert laptop.contents() == tablet.contents()


def test_a_program_that_watches_gets_one_object_a_line(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = joined(tmp_path, served, laptop)

        def told() -> list[dict[str, object]]:
            lines = (tmp_path / "laptop-home.log").read_text().splitlines(keepends=True)
            return [json.loads(line) for line in lines if line.endswith("\n")]

        with laptop.start("watch", laptop.folder, "--json"):
            eventually(lambda: "in-sync" in [line["event"] for line in told()], "a first sync")
            (tablet.folder / "notes/new.md").write_text("New.\n")
            tablet.ok("sync", tablet.folder)
            eventually(lambda: told()[-1]["event"] == "in-sync" and len(told()) > 2, "the file")
        assert [line["event"] for line in told()] == [
            "online", "in-sync", "file-changed", "in-sync",
        ]  # fmt: skip
        assert told()[2]["path"] == "notes/new.md"
        assert all(line["ok"] is True for line in told())


def test_a_watching_device_sends_on_when_the_relay_is_back(tmp_path: Path) -> None:
    with relay(tmp_path) as served, ExitStack() as stack:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = joined(tmp_path, served, laptop)
        for who in (laptop, tablet):
            stack.enter_context(who.start("watch", who.folder))
        served.kill()
        (laptop.folder / "notes/offline.md").write_text("Written while it was gone.\n")
        served.start()
        eventually(lambda: laptop.contents() == tablet.contents(), "equal folders")


def test_nothing_planted_is_in_the_relays_directory_or_log(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        planted = NOVEL | {f"notes/{TITLE}.md": f"She ate {PLANTED}.\n" * 40}
        laptop = founded(tmp_path, served, planted)
        kit = laptop.words
        tablet = joined(tmp_path, served, laptop)
        assert PLANTED in tablet.contents()[f"notes/{TITLE}.md"].decode()
        served.stop()
        held = [path for path in served.data.rglob("*") if path.is_file()]
        assert held
        for path in (*held, served.log):
            stored = path.read_bytes()
            for secret in (PLANTED, "quicksilver", TITLE, "salty night", "novel", kit):
                assert secret.encode() not in stored, (path.name, secret)
