import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sakya_sync.client.control import ask
from sakya_sync.client.history import History
from sakya_sync.client.home import project_of
from sakya_sync.client.project import Project
from sakya_sync.client.reading import open_history
from sakya_sync.client.restoring import Does, plan_restore
from sakya_sync.errors import DeviceBusy, NothingToUndo, SnapshotPresent, VersionUnknown
from sakya_sync.history.snapshots import Kind
from sakya_sync.history.timeline import Did
from sakya_sync.relay.server import Relay

from .writers import Writer, meet

PICTURE = bytes(range(256)) * 40


@contextmanager
def past(writer: Writer) -> Iterator[History]:
    with open_history(writer.folder, home=writer.home, ports=writer.ports) as history:
        yield history


def digests(files: dict[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}


async def snapshot(writer: Writer, name: str) -> None:
    async with Project.open(writer.folder, home=writer.home, watch=False) as project:
        await project.snapshots.create(name)
        await project.sync()


async def restore(writer: Writer, name: str, *paths: str) -> None:
    async with Project.open(writer.folder, home=writer.home, watch=False) as project:
        await project.restore(project.snapshots.get(name).version, paths, name=name)
        await project.sync()


async def test_a_snapshot_gives_back_every_byte_of_then_on_every_device(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    laptop.write("notes/crlf.md", "One.\r\nTwo.\r\n")
    laptop.write("notes/bom.md", b"\xef\xbb\xbfSalt.\n")
    laptop.write("cover.png", PICTURE)
    laptop.write("empty.md", "")
    await meet(laptop, tablet)
    then = laptop.contents()
    await snapshot(laptop, "first draft")
    laptop.write("chapter.md", "All different now.\n")
    laptop.write("notes/new.md", "New.\n")
    (laptop.folder / "notes/crlf.md").unlink()
    (laptop.folder / "notes/bom.md").rename(laptop.folder / "notes/moved.md")
    laptop.write("cover.png", PICTURE[::-1])
    await meet(laptop, tablet)
    for writer in pair:
        with past(writer) as history:
            (held,) = history.snapshots()
            assert (held.name, held.kind, held.counts.files) == ("first draft", Kind.NAMED, 5)
            shown = {path: state.data for path, state in history.files(held.version).items()}
            assert digests(shown) == digests(then)
            now = {path: state.data for path, state in history.files(history.now()).items()}
            assert now == writer.contents()


async def test_restoring_is_an_edit_that_syncs_and_can_be_undone_and_redone(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    laptop.write("notes/plot.md", "They reach Corrow.\n")
    await meet(laptop, tablet)
    then = laptop.contents()
    await snapshot(laptop, "first")
    laptop.write("chapter.md", "Rewritten altogether.\n")
    laptop.write("notes/later.md", "Later.\n")
    (laptop.folder / "notes/plot.md").unlink()
    await meet(laptop, tablet)
    changed = laptop.contents()
    with past(tablet) as history:
        (named,) = history.snapshots()
        plan = plan_restore(history, named.version)
    assert {(step.does, step.path) for step in plan} == {
        (Does.CHANGE, "chapter.md"),
        (Does.REMOVE, "notes/later.md"),
        (Does.RETURN, "notes/plot.md"),
    }
    await restore(tablet, "first")
    await meet(laptop, tablet)
    assert laptop.contents() == tablet.contents() == then
    for expected in (changed, then):
        async with Project.open(laptop.folder, home=laptop.home, watch=False) as project:
            await project.undo()
            await project.sync()
        await meet(laptop, tablet)
        assert laptop.contents() == tablet.contents() == expected


async def test_chosen_files_and_folders_come_back_and_nothing_else(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, _ = pair
    laptop.write("notes/a.md", "A.\n")
    laptop.write("notes/b.md", "B.\n")
    await laptop.sync()
    await snapshot(laptop, "first")
    for path in ("chapter.md", "notes/a.md", "notes/b.md"):
        laptop.write(path, "Changed.\n")
    (laptop.folder / "notes/b.md").unlink()
    await laptop.sync()
    await restore(laptop, "first", "notes")
    assert laptop.read("notes/a.md") == "A.\n"
    assert laptop.read("notes/b.md") == "B.\n"
    assert laptop.read("chapter.md") == "Changed.\n"


async def test_what_others_write_meanwhile_is_merged_with_a_restore(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    laptop.write("chapter.md", "One. Two. Three.\n")
    await meet(laptop, tablet)
    await snapshot(laptop, "first")
    laptop.write("chapter.md", "One. Three.\n")
    await meet(laptop, tablet)
    tablet.write("chapter.md", "One. Three. Four by the tablet.\n")
    await restore(laptop, "first")
    await meet(tablet, laptop)
    assert laptop.read("chapter.md") == tablet.read("chapter.md")
    for word in ("Two.", "Four by the tablet."):
        assert word in laptop.read("chapter.md")


async def test_undo_keeps_what_was_written_after_the_restore(laptop: Writer, relay: Relay) -> None:
    laptop.write("chapter.md", "One.\n\nTwo.\n")
    laptop.found(relay.url)
    await laptop.sync()
    await snapshot(laptop, "first")
    laptop.write("chapter.md", "One.\n\nTwo.\n\nThree.\n")
    await laptop.sync()
    await restore(laptop, "first")
    laptop.write("chapter.md", "One, and more.\n\nTwo.\n")
    async with Project.open(laptop.folder, home=laptop.home, watch=False) as project:
        await project.undo()
    assert laptop.read("chapter.md") == "One, and more.\n\nTwo.\n\nThree.\n"


async def test_two_devices_that_restore_different_snapshots_converge(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    for name in ("first", "second", "third"):
        laptop.write("chapter.md", f"This is the {name} draft, word for word.\n")
        laptop.write(f"notes/{name}.md", f"A note of the {name}.\n")
        await meet(laptop, tablet)
        await snapshot(laptop, name)
    await meet(laptop, tablet)
    for writer, name in ((laptop, "first"), (tablet, "second")):
        async with Project.open(writer.folder, home=writer.home, watch=False) as project:
            await project.restore(project.snapshots.get(name).version, name=name)
    await meet(laptop, tablet)
    assert laptop.contents() == tablet.contents()
    assert set(laptop.contents()) == {"chapter.md", "notes/first.md"}
    with past(laptop) as history:
        safe = [item for item in history.snapshots() if item.kind is Kind.SAFETY]
        assert len(safe) == 2
        for item in safe:
            shown = history.files(item.version)
            assert shown["chapter.md"].data.startswith(b"This is the third")
            assert {"notes/second.md", "notes/third.md"} <= shown.keys()


async def test_the_timeline_tells_who_did_what_to_which_file(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    tablet.write("chapter.md", "The salt has to be weighed twice before noon.\n")
    await meet(tablet, laptop)
    laptop.write("notes/plot.md", "They reach Corrow by night.\n")
    await laptop.sync()
    (laptop.folder / "notes/plot.md").rename(laptop.folder / "notes/ending.md")
    await laptop.sync()
    (laptop.folder / "chapter.md").unlink()
    await meet(laptop, tablet)
    for writer in pair:
        with past(writer) as history:
            told = history.timeline()
            ending = history.timeline("notes/ending.md")
        there, here = sorted(told.sessions, key=lambda session: len(session.files))
        works = {work.path: work for work in here.files}
        assert (works["chapter.md"].did, works["chapter.md"].added) == (Did.CREATED, 8)
        assert works["chapter.md"].removed == 9
        assert (works["notes/ending.md"].did, works["notes/ending.md"].added) == (Did.CREATED, 5)
        assert [(work.path, work.added, work.removed) for work in there.files] == [
            ("chapter.md", 1, 0)
        ]
        assert told.words == 5
        assert sum(session.added - session.removed for session in told.sessions) == 5
        assert [work.path for session in ending.sessions for work in session.files] == [
            "notes/ending.md"
        ]


async def test_the_past_of_a_fresh_device_is_that_of_an_old_one(
    pair: tuple[Writer, Writer], relay: Relay
) -> None:
    laptop, tablet = pair
    for number in range(5):
        laptop.write("chapter.md", f"Draft {number} of it all.\n")
        await laptop.sync()
    await snapshot(laptop, "fifth")
    await tablet.sync()
    told = []
    for writer in (laptop, tablet):
        with past(writer) as history:
            told.append((history.timeline().sessions, [item.id for item in history.snapshots()]))
    assert told[0] == told[1]


async def test_names_of_snapshots_are_told_apart(laptop: Writer, relay: Relay) -> None:
    laptop.write("chapter.md", "One.\n")
    laptop.found(relay.url)
    async with Project.open(laptop.folder, home=laptop.home, watch=False) as project:
        with pytest.raises(NothingToUndo):
            await project.undo()
        made = await project.snapshots.create("first", "for Ada")
        with pytest.raises(SnapshotPresent):
            await project.snapshots.create(" first ")
        await project.snapshots.rename("first", "the first")
        with pytest.raises(VersionUnknown):
            project.snapshots.get("first")
        assert project.snapshots.get("the first").message == "for Ada"
        assert project.snapshots.get(made.id[:6]).id == made.id
        await project.snapshots.remove("the first")
        assert project.snapshots.list() == []


async def test_a_watching_process_does_what_others_ask(laptop: Writer, relay: Relay) -> None:
    laptop.write("chapter.md", "One two three.\n")
    laptop.found(relay.url)
    state = project_of(laptop.folder, laptop.home).state
    busy = DeviceBusy(folder=laptop.folder, pid="1")
    create = {"do": "create", "name": "x", "message": ""}
    with pytest.raises(DeviceBusy):
        ask(state, {"do": "undo"}, busy)
    async with Project.open(laptop.folder, home=laptop.home):
        made = await asyncio.to_thread(ask, state, create, busy)
        assert (made["files"], made["words"]) == (1, 3)
        with pytest.raises(SnapshotPresent):
            await asyncio.to_thread(ask, state, create, busy)
    with pytest.raises(DeviceBusy):
        ask(state, {"do": "undo"}, busy)
