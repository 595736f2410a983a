"""What is taken away in a folder all at once is not taken away elsewhere before a word is said."""

import asyncio
import shutil

import pytest

from sakya_sync.client.events import FileRemoved, Held, InSync
from sakya_sync.client.project import Project, SyncReport

from .writers import Writer, meet

NAMES = [f"manuscript/{number}.md" for number in range(8)]
GONE = NAMES[:5]
PAGE = "A line of a chapter that is long enough.\n" * 100


@pytest.fixture
async def full(pair: tuple[Writer, Writer]) -> tuple[Writer, Writer]:
    for number, name in enumerate(NAMES):
        pair[0].write(name, f"Chapter {number} begins here.\n")
    await meet(*pair)
    return pair


def lose(writer: Writer) -> None:
    for name in GONE:
        (writer.folder / name).unlink()


async def approve(writer: Writer) -> SyncReport:
    async with Project.open(writer.folder, home=writer.home, watch=False) as project:
        await project.approve()
        return await project.sync()


async def put_back(writer: Writer) -> tuple[str, ...]:
    async with Project.open(writer.folder, home=writer.home, watch=False) as project:
        return await project.put_back()


async def test_a_deletion_of_many_files_is_held_and_all_else_goes_on(
    full: tuple[Writer, Writer],
) -> None:
    laptop, tablet = full
    lose(laptop)
    laptop.write("chapter.md", "The salt has to be weighed at dawn.\n")
    tablet.write("notes.md", "From the tablet.\n")
    await tablet.sync()
    for _ in range(2):
        report = await laptop.sync()
        assert report.held == tuple(GONE)
        assert {path for path, _ in report.attention} == set(GONE)
    report = await tablet.sync()
    assert report.held == ()
    assert set(tablet.contents()) == {*NAMES, "chapter.md", "notes.md"}
    assert tablet.read("chapter.md") == "The salt has to be weighed at dawn.\n"
    assert set(laptop.contents()) == {*tablet.contents()} - {*GONE}


async def test_approved_it_is_done_everywhere(full: tuple[Writer, Writer]) -> None:
    laptop, tablet = full
    lose(laptop)
    await laptop.sync()
    report = await approve(laptop)
    assert (report.held, report.attention) == ((), ())
    await tablet.sync()
    assert tablet.contents() == laptop.contents()
    assert not set(GONE) & set(tablet.contents())


async def test_put_back_it_is_as_it_was_with_what_came_meanwhile(
    full: tuple[Writer, Writer],
) -> None:
    laptop, tablet = full
    lose(laptop)
    await laptop.sync()
    tablet.write(GONE[0], "Chapter 0 begins at dawn.\n")
    await meet(tablet, laptop)
    assert not (laptop.folder / GONE[0]).exists()
    assert await put_back(laptop) == tuple(GONE)
    report = await laptop.sync()
    assert (report.held, report.sent) == ((), frozenset())
    assert laptop.contents() == tablet.contents()
    assert laptop.read(GONE[0]) == "Chapter 0 begins at dawn.\n"


async def test_a_chapter_wiped_by_a_program_is_held_and_put_back(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    laptop.write("chapter.md", PAGE)
    await meet(laptop, tablet)
    laptop.write("chapter.md", "---\ntitle: One\n---\n")
    assert (await laptop.sync()).held == ("chapter.md",)
    await tablet.sync()
    assert tablet.read("chapter.md") == PAGE
    assert await put_back(laptop) == ("chapter.md",)
    assert laptop.read("chapter.md") == PAGE
    # What was there instead is not lost either.
    kept = list(laptop.home.path.rglob("trash/chapter.md"))
    assert [path.read_text() for path in kept] == ["---\ntitle: One\n---\n"]


async def test_a_wiped_chapter_may_be_meant(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    laptop.write("chapter.md", PAGE)
    await meet(laptop, tablet)
    laptop.write("chapter.md", "Begun anew.\n")
    await laptop.sync()
    await approve(laptop)
    await tablet.sync()
    assert tablet.read("chapter.md") == "Begun anew.\n"


async def test_files_that_come_back_by_themselves_are_held_no_more(
    full: tuple[Writer, Writer],
) -> None:
    laptop, tablet = full
    aside = laptop.folder.parent / "aside"
    shutil.move(laptop.folder / "manuscript", aside)
    assert (await laptop.sync()).held == tuple(NAMES)
    shutil.move(aside, laptop.folder / "manuscript")
    report = await laptop.sync()
    assert (report.held, report.attention, report.sent) == ((), (), frozenset())
    assert laptop.contents() == tablet.contents()


async def test_a_disk_that_is_not_mounted_takes_nothing_and_gets_nothing(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    aside = laptop.folder.with_name("aside")
    async with Project.open(laptop.folder, home=laptop.home, watch=False) as project:
        laptop.folder.rename(aside)
        laptop.folder.mkdir()
        tablet.write("chapter.md", "The salt has to be weighed at dawn.\n")
        await tablet.sync()
        assert (await project.sync()).held == ("chapter.md",)
        assert list(laptop.folder.iterdir()) == []
        laptop.folder.rmdir()
        aside.rename(laptop.folder)
        report = await project.sync()
        assert report.held == ()
        assert report.received == {"chapter.md"}
    await tablet.sync()
    assert laptop.contents() == tablet.contents()
    assert len(tablet.contents()) == 1


async def test_a_watched_folder_that_vanishes_bit_by_bit_is_held_and_told_of(
    full: tuple[Writer, Writer],
) -> None:
    laptop, tablet = full
    async with Project.open(laptop.folder, home=laptop.home) as project:
        told: list[object] = []

        async def listen() -> None:
            async for event in project.events():
                told.append(event)  # noqa: PERF401

        listening = asyncio.create_task(listen())
        for name in NAMES:
            (laptop.folder / name).unlink()
            await asyncio.sleep(0.1)
        async with asyncio.timeout(20):
            while not any(isinstance(event, Held) and len(event.paths) == 5 for event in told):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert sum(isinstance(event, FileRemoved) for event in told) == 3
        assert len(project.held) == 5
        async for event in project.events():
            if isinstance(event, Held):
                break
        assert await project.approve() == tuple(NAMES[3:])
        await project.wait_synced()
        listening.cancel()
        assert InSync() in told
    await tablet.sync()
    assert list(tablet.contents()) == ["chapter.md"]
