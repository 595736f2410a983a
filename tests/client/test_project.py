import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sakya_sync.client.events import Event, FileChanged, FileRemoved, InSync, Offline, Online
from sakya_sync.client.project import Project
from sakya_sync.errors import (
    AccountUnknown,
    FolderAlreadyAProject,
    FolderMissing,
    FolderNotAProject,
    ProjectUnknown,
    RecoveryWordsWrong,
)
from sakya_sync.files.folder import Folder, Stat
from sakya_sync.limits import OPAQUE_BYTES_MAX
from sakya_sync.relay.server import Relay
from sakya_sync.seal.recovery import words
from sakya_sync.store.device.store import DeviceStore

from .writers import Writer, meet, port_of, relay_at

PICTURE = bytes(range(256)) * 40


async def test_two_devices_end_with_equal_folders(
    relay: Relay, laptop: Writer, tablet: Writer
) -> None:
    laptop.write("chapter.md", "The salt has to be weighed.\n")
    laptop.write("notes/people/orrey.md", "An Orrey weighs, nobody else.\n")
    laptop.write("empty.md", "")
    laptop.found(relay.url)
    report = await laptop.sync()
    assert report.files == 3
    assert report.sent == {"chapter.md", "notes/people/orrey.md", "empty.md"}
    await tablet.join(relay.url, laptop.kit())
    report = await tablet.sync()
    assert report.received == {"chapter.md", "notes/people/orrey.md", "empty.md"}
    assert tablet.contents() == laptop.contents()
    assert len(tablet.contents()) == 3


async def test_a_second_sync_has_nothing_to_do(pair: tuple[Writer, Writer]) -> None:
    for writer in pair:
        report = await writer.sync()
        assert (report.files, report.sent, report.received) == (1, frozenset(), frozenset())


async def test_joining_downloads_nothing_yet(relay: Relay, laptop: Writer, tablet: Writer) -> None:
    laptop.write("chapter.md", "The salt.\n")
    laptop.found(relay.url)
    await laptop.sync()
    await tablet.join(relay.url, laptop.kit())
    assert tablet.contents() == {}


async def test_an_edit_a_new_file_and_a_deletion_arrive(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    laptop.write("gone.md", "Soon gone.\n")
    await meet(laptop, tablet)
    assert tablet.read("gone.md") == "Soon gone.\n"
    tablet.write("chapter.md", "The salt has to be weighed before dawn.\n")
    tablet.write("new.md", "New.\n")
    (tablet.folder / "gone.md").unlink()
    await meet(tablet, laptop)
    assert laptop.contents() == {
        "chapter.md": b"The salt has to be weighed before dawn.\n",
        "new.md": b"New.\n",
    }


async def test_edits_of_one_paragraph_made_apart_are_both_kept(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    laptop.write("chapter.md", "All the salt has to be weighed before noon.\n")
    tablet.write("chapter.md", "The salt has to be weighed twice before noon.\n")
    await meet(laptop, tablet)
    assert laptop.contents() == tablet.contents()
    text = laptop.read("chapter.md")
    assert "weighed twice before noon" in text
    assert text.startswith("All the salt")
    assert list(laptop.contents()) == ["chapter.md"]


@pytest.mark.parametrize("editor_first", [True, False])
async def test_an_edit_wins_over_a_deletion(
    pair: tuple[Writer, Writer], editor_first: bool
) -> None:
    laptop, tablet = pair
    laptop.write("chapter.md", "The salt has to be weighed before noon, always.\n")
    (tablet.folder / "chapter.md").unlink()
    await meet(*(pair if editor_first else reversed(pair)))
    assert laptop.contents() == tablet.contents()
    assert laptop.read("chapter.md") == "The salt has to be weighed before noon, always.\n"


async def test_one_path_made_on_both_with_different_texts_keeps_both(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    laptop.write("plot.md", "They reach Corrow by night.\n")
    tablet.write("plot.md", "The post never left.\n")
    await meet(laptop, tablet)
    assert laptop.contents() == tablet.contents()
    plots = {path: text for path, text in laptop.contents().items() if path != "chapter.md"}
    assert sorted(plots.values()) == [b"The post never left.\n", b"They reach Corrow by night.\n"]
    assert "plot.md" in plots


async def test_one_path_made_on_both_with_equal_text_is_one_file(
    pair: tuple[Writer, Writer],
) -> None:
    for writer in pair:
        writer.write("plot.md", "They reach Corrow by night.\n")
    await meet(*pair)
    assert pair[0].contents() == pair[1].contents()
    assert list(pair[0].contents()) == ["chapter.md", "plot.md"]


async def test_a_moved_file_that_is_edited_elsewhere_has_both(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    (laptop.folder / "drafts").mkdir()
    (laptop.folder / "chapter.md").rename(laptop.folder / "drafts" / "one.md")
    tablet.write("chapter.md", "The salt has to be weighed before dawn.\n")
    await meet(laptop, tablet)
    assert laptop.contents() == tablet.contents()
    assert laptop.contents() == {"drafts/one.md": b"The salt has to be weighed before dawn.\n"}


async def test_a_binary_file_arrives_byte_for_byte(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    laptop.write("cover.png", PICTURE)
    await meet(laptop, tablet)
    assert tablet.contents()["cover.png"] == PICTURE
    tablet.write("cover.png", PICTURE[::-1])
    await meet(tablet, laptop)
    assert laptop.contents()["cover.png"] == PICTURE[::-1]


async def test_a_binary_file_changed_on_both_is_kept_twice(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    laptop.write("cover.png", PICTURE)
    await meet(laptop, tablet)
    laptop.write("cover.png", PICTURE + b"\0laptop")
    tablet.write("cover.png", PICTURE + b"\0tablet")
    await meet(laptop, tablet)
    assert laptop.contents() == tablet.contents()
    covers = {data for path, data in laptop.contents().items() if path != "chapter.md"}
    assert covers == {PICTURE + b"\0laptop", PICTURE + b"\0tablet"}


async def test_a_binary_file_over_256_kib_is_named_and_stays_where_it_is(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    laptop.write("film.bin", bytes(OPAQUE_BYTES_MAX + 1))
    laptop.write("still.bin", bytes(OPAQUE_BYTES_MAX))
    report = await laptop.sync()
    assert [path for path, _ in report.attention] == ["film.bin"]
    await tablet.sync()
    assert set(tablet.contents()) == {"chapter.md", "still.bin"}
    assert len(laptop.contents()["film.bin"]) == OPAQUE_BYTES_MAX + 1


async def test_words_that_are_no_kit_are_refused_and_nothing_is_made(
    relay: Relay, laptop: Writer, tablet: Writer
) -> None:
    laptop.found(relay.url)
    await laptop.sync()
    typed = laptop.kit().split()
    for wrong in ("", "salt", " ".join(typed[:-1]), " ".join([*typed[:-1], "nosuchword"])):
        with pytest.raises(RecoveryWordsWrong):
            await tablet.join(relay.url, wrong)
    assert not tablet.home.vault.exists()
    assert not tablet.folder.exists()


async def test_the_words_of_nobody_lead_to_no_account(
    relay: Relay, laptop: Writer, tablet: Writer
) -> None:
    laptop.found(relay.url)
    await laptop.sync()
    with pytest.raises(AccountUnknown):
        await tablet.join(relay.url, words(bytes(range(32))))
    assert not tablet.home.vault.exists()


async def test_a_project_that_the_account_lacks_is_not_joined(
    relay: Relay, laptop: Writer, tablet: Writer
) -> None:
    laptop.found(relay.url, "The Salt Road")
    await laptop.sync()
    with pytest.raises(ProjectUnknown):
        await tablet.join(relay.url, laptop.kit(), "Another")
    await tablet.join(relay.url, laptop.kit(), "The Salt Road")
    async with Project.open(tablet.folder, home=tablet.home, watch=False) as project:
        assert project.name == "The Salt Road"


async def test_a_folder_becomes_a_project_once(relay: Relay, laptop: Writer) -> None:
    with pytest.raises(FolderNotAProject):
        await laptop.sync()
    laptop.found(relay.url)
    with pytest.raises(FolderAlreadyAProject):
        laptop.found(relay.url)


async def test_a_folder_that_is_gone_is_no_deletion(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    moved = tablet.folder.with_name("elsewhere")
    async with Project.open(tablet.folder, home=tablet.home, watch=False) as project:
        tablet.folder.rename(moved)
        with pytest.raises(FolderMissing):
            await project.sync()
    await laptop.sync()
    assert list(laptop.contents()) == ["chapter.md"]


class Killed(BaseException):
    """Nothing after this happens."""


@pytest.mark.parametrize("renames", [1, 2, 3])
async def test_a_device_killed_between_renames_knows_its_own_work_again(
    pair: tuple[Writer, Writer], monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    laptop, tablet = pair
    laptop.write("other.md", "Pepper as well.\n")
    await meet(laptop, tablet)
    for source, target in (("chapter.md", "x"), ("other.md", "chapter.md"), ("x", "other.md")):
        (laptop.folder / source).rename(laptop.folder / target)
    await laptop.sync()
    done = iter(range(1, 10))
    real = Folder.relocate

    def cut_off(folder: Folder, source: str, target: str, *, expected: bytes) -> Stat:
        stat = real(folder, source, target, expected=expected)
        if next(done) == renames:
            raise Killed
        return stat

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "relocate", cut_off)
        with pytest.raises(Killed):
            await tablet.sync()
    await meet(tablet, laptop)
    assert tablet.contents() == laptop.contents()
    assert list(tablet.contents()) == ["chapter.md", "other.md"]
    assert tablet.read("chapter.md") == "Pepper as well.\n"


async def test_what_a_write_that_was_cut_off_left_is_swept_away(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    laptop.write("notes/.sakya-tmp-0123456789abcdef", "half a sen")
    await meet(laptop, tablet)
    assert not list(laptop.folder.rglob(".sakya-tmp-*"))
    assert tablet.contents() == laptop.contents()


async def test_a_text_edited_in_the_library_is_in_both_folders(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    async with Project.open(laptop.folder, home=laptop.home, watch=False) as project:
        async with project.edit("chapter.md") as draft:
            draft.text += "They reach Corrow by night.\n"
        assert project.files == ["chapter.md"]
        assert project.text("chapter.md").endswith("They reach Corrow by night.\n")
        await project.wait_synced()
    await tablet.sync()
    assert tablet.read("chapter.md").endswith("They reach Corrow by night.\n")
    assert laptop.contents() == tablet.contents()


async def told(events: AsyncIterator[Event], last: type[Event]) -> list[Event]:
    """What is told until an event of that kind."""
    heard: list[Event] = []
    async with asyncio.timeout(20):
        async for event in events:
            heard.append(event)
            if isinstance(event, last):
                return heard
    raise AssertionError(heard)


async def test_a_change_is_told_of_on_both_sides_and_then_once_that_all_is_in_sync(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    async with (
        Project.open(laptop.folder, home=laptop.home) as here,
        Project.open(tablet.folder, home=tablet.home) as there,
    ):
        sender, receiver = here.events(), there.events()
        for events in (sender, receiver):
            assert InSync() in await told(events, InSync)
        for number in range(3):
            path = f"notes/{number}.md"
            laptop.write(path, "Found in the cellar.\n")
            assert await told(sender, InSync) == [FileChanged(path, here=True), InSync()]
            assert await told(receiver, InSync) == [FileChanged(path, here=False), InSync()]
        (tablet.folder / "notes/0.md").unlink()
        assert await told(receiver, InSync) == [FileRemoved("notes/0.md", here=True), InSync()]
        assert await told(sender, InSync) == [FileRemoved("notes/0.md", here=False), InSync()]


async def test_a_relay_that_goes_and_comes_is_told_of(tmp_path: Path, laptop: Writer) -> None:
    async with relay_at(tmp_path / "relay") as running:
        laptop.write("chapter.md", "The salt.\n")
        laptop.found(running.url)
        await laptop.sync()
    async with Project.open(laptop.folder, home=laptop.home) as project:
        events = project.events()
        (offline,) = await told(events, Offline)
        assert isinstance(offline, Offline)
        assert offline.problem.code == "relay-unreachable"
        async with relay_at(tmp_path / "relay", port=port_of(running)):
            assert await told(events, InSync) == [Online(), InSync()]


@pytest.mark.parametrize("left", ["nothing", "an empty file", "a database without a word in it"])
async def test_a_join_that_was_cut_off_as_it_began_can_be_made_again(
    relay: Relay, laptop: Writer, tablet: Writer, left: str
) -> None:
    laptop.write("chapter.md", "The salt.\n")
    laptop.found(relay.url)
    await laptop.sync()
    await tablet.join(relay.url, laptop.kit())
    (state,) = tablet.home.projects()
    for path in (tablet.folder / ".sakya" / "sync.toml", *state.glob("state.sqlite*")):
        path.unlink()
    if left == "an empty file":
        (state / "state.sqlite").touch()
    elif left != "nothing":
        DeviceStore(state / "state.sqlite", create=True).close()
    await tablet.join(relay.url, laptop.kit())
    await tablet.sync()
    assert tablet.contents() == laptop.contents()
