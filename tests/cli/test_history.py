"""A writer who looks at what was, and brings it back: every command as a process."""

from pathlib import Path
from typing import Any

import pytest

from process.command import Device, founded, joined, relay

CHAPTER = "manuscript/one.md"
FIRST = "---\ntitle: One\n---\n\nIt was a salty night.\n\nShe left at dawn.\n"
NOVEL = {CHAPTER: FIRST, "notes/plot.md": "She leaves.\n"}


def write(who: Device, text: str, path: str = CHAPTER) -> None:
    (who.folder / path).write_text(text, "utf-8")


def told(who: Device, *arguments: str) -> dict[str, Any]:
    return who.ok(*arguments, "-C", str(who.folder), "--json").object()


def test_a_snapshot_is_made_seen_everywhere_restored_undone_and_exported(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = joined(tmp_path, served, laptop)
        then = laptop.contents()
        made = told(laptop, "snapshot", "create", "first draft", "-m", "for Ada")
        assert (made["files"], made["chapters"], made["words"]) == (2, 1, 11)
        write(laptop, FIRST.replace("salty", "very salty"))
        (laptop.folder / "notes/plot.md").unlink()
        changed = laptop.contents()
        laptop.ok("sync", laptop.folder)
        tablet.ok("sync", tablet.folder)
        (seen,) = told(tablet, "snapshot", "list")["snapshots"]
        assert (seen["name"], seen["message"]) == ("first draft", "for Ada")
        plan = told(tablet, "restore", "first draft", "--dry-run")
        assert [step["path"] for step in plan["steps"]] == [CHAPTER, "notes/plot.md"]
        assert tablet.contents() == changed
        told(tablet, "restore", "first draft")
        assert tablet.contents() == then
        tablet.ok("sync", tablet.folder)
        laptop.ok("sync", laptop.folder)
        assert laptop.contents() == then
        told(laptop, "undo")
        assert laptop.contents() == changed
        for target in ("out", "out.zip"):
            told(laptop, "export", "first draft", str(tmp_path / target))
        exported = {
            path.relative_to(tmp_path / "out").as_posix(): path.read_bytes()
            for path in (tmp_path / "out").rglob("*")
            if path.is_file()
        }
        assert exported == then
        again = laptop.run("export", "first draft", tmp_path / "out", "-C", laptop.folder)
        assert (again.status, "target-present" in again.err) == (2, True)
        told(laptop, "snapshot", "rename", "first draft", "the first")
        told(laptop, "snapshot", "delete", "the first")
        assert told(laptop, "snapshot", "list")["snapshots"] == []


def test_log_diff_show_and_blame_tell_what_happened_with_the_relay_down(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        told(laptop, "snapshot", "create", "first draft")
        served.kill()
        write(laptop, FIRST.replace("salty", "very salty").replace("She left at dawn.\n", ""))
        difference = laptop.ok("diff", "-C", laptop.folder).out
        assert "{+very +}" in difference or "{+very+}" in difference
        assert "[-She left at dawn.-]" in difference
        unsent = laptop.run("sync", laptop.folder)
        assert unsent.status == 4
        log = told(laptop, "log")
        assert log["words"] == 8
        (session,) = log["sessions"]
        assert {work["path"] for work in session["files"]} == set(NOVEL)
        assert CHAPTER in laptop.ok("log", "-C", laptop.folder).out
        shown = laptop.ok("show", f"{CHAPTER}@first draft", "-C", laptop.folder).out
        assert shown == FIRST
        blamed = told(laptop, "blame", CHAPTER)["paragraphs"]
        assert "very salty" in blamed[1]["text"]
        page, comparison = tmp_path / "log.html", tmp_path / "diff.html"
        told(laptop, "log", "--html", str(page))
        told(laptop, "diff", "first draft", "--html", str(comparison))
        assert "<!doctype html>" in page.read_text("utf-8").lower()
        assert "very" in comparison.read_text("utf-8")


def test_everything_works_while_another_process_keeps_the_project_in_sync(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        with laptop.start("watch", laptop.folder):
            told(laptop, "snapshot", "create", "first draft")
            write(laptop, "All new.\n")
            told(laptop, "snapshot", "create", "second draft")
            told(laptop, "restore", "first draft", CHAPTER)
            assert (laptop.folder / CHAPTER).read_text("utf-8") == FIRST
            told(laptop, "undo")
            assert (laptop.folder / CHAPTER).read_text("utf-8") == "All new.\n"
            assert told(laptop, "log")["words"] == 4


def test_chosen_paragraphs_come_back(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        told(laptop, "snapshot", "create", "first draft")
        changed = FIRST.replace("salty", "very salty").replace("at dawn", "at noon")
        write(laptop, changed)
        laptop.ok("sync", laptop.folder)
        laptop.ok(
            "restore", "first draft", CHAPTER, "--paragraph", "-C", laptop.folder, stdin="n\ny\n"
        )
        restored = (laptop.folder / CHAPTER).read_text("utf-8")
        assert restored == changed.replace("at noon", "at dawn")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("restore", "frist draft", "-y"), "version-unknown"),
        (("show", f"{CHAPTER}@{{yesterdy}}"), "moment-unknown"),
        (("show", CHAPTER), "reference-invalid"),
        (("diff", "03/04/2026"), "version-unknown"),
        (("diff", "@{03/04/2026}"), "moment-unclear"),
        (("log", "../elsewhere.md"), "file-unknown"),
        (("blame", "nothing.md"), "file-unknown"),
        (("snapshot", "create", "first draft"), "snapshot-present"),
        (("snapshot", "create", "@{now}"), "name-invalid"),
        (("undo",), "nothing-to-undo"),
    ],
)
def test_what_cannot_be_meant_is_one_clear_sentence(
    arguments: tuple[str, ...], code: str, drafted: Device
) -> None:
    ran = drafted.run(*arguments, "-C", drafted.folder)
    assert ran.status == 2, ran
    assert f"({code})" in ran.err
    assert "Traceback" not in ran.err


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Device:
    """A project with one snapshot, and its relay gone."""
    root = tmp_path_factory.mktemp("drafted")
    with relay(root) as served:
        laptop = founded(root, served, NOVEL)
        laptop.ok("snapshot", "create", "first draft", "-C", laptop.folder)
    return laptop
