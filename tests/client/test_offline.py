import shutil
from pathlib import Path

import pytest

from sakya_sync.client.project import Project
from sakya_sync.errors import RelayUnreachable

from .writers import Writer, meet, port_of, relay_at


async def test_without_a_relay_edits_are_kept_and_sent_later(
    tmp_path: Path, laptop: Writer, tablet: Writer
) -> None:
    async with relay_at(tmp_path / "relay") as relay:
        port, url = port_of(relay), relay.url
        laptop.write("chapter.md", "The salt.\n")
        laptop.found(url)
        await laptop.sync()
        await tablet.join(url, laptop.kit())
        await tablet.sync()
    laptop.write("chapter.md", "All the salt.\n")
    for _ in range(2):
        with pytest.raises(RelayUnreachable):
            await laptop.sync()
    assert laptop.read("chapter.md") == "All the salt.\n"
    async with Project.open(laptop.folder, home=laptop.home, watch=False) as project:
        assert project.text("chapter.md") == "All the salt.\n"
    async with relay_at(tmp_path / "relay", port):
        await meet(laptop, tablet)
    assert tablet.contents() == laptop.contents() == {"chapter.md": b"All the salt.\n"}


async def test_a_project_is_founded_without_a_relay(tmp_path: Path, laptop: Writer) -> None:
    async with relay_at(tmp_path / "relay") as relay:
        port, url = port_of(relay), relay.url
    laptop.write("chapter.md", "The salt.\n")
    laptop.found(url)
    with pytest.raises(RelayUnreachable):
        await laptop.sync()
    async with relay_at(tmp_path / "relay", port):
        report = await laptop.sync()
    assert report.files == 1


async def test_nobody_joins_without_a_relay(tmp_path: Path, laptop: Writer, tablet: Writer) -> None:
    async with relay_at(tmp_path / "relay") as relay:
        laptop.found(relay.url)
        await laptop.sync()
        url = relay.url
    with pytest.raises(RelayUnreachable):
        await tablet.join(url, laptop.kit())
    assert not tablet.home.vault.exists()


async def test_an_empty_relay_in_the_place_of_the_old_one_gets_everything_again(
    tmp_path: Path, laptop: Writer, tablet: Writer
) -> None:
    async with relay_at(tmp_path / "relay") as relay:
        port, url = port_of(relay), relay.url
        laptop.write("chapter.md", "The salt.\n")
        laptop.write("cover.png", b"\0picture")
        laptop.found(url)
        await laptop.sync()
        laptop.write("chapter.md", "The salt, weighed.\n")
        await laptop.sync()
    async with relay_at(tmp_path / "other-relay", port):
        await laptop.sync()
        await tablet.join(url, laptop.kit())
        await tablet.sync()
    assert tablet.contents() == laptop.contents()
    assert tablet.read("chapter.md") == "The salt, weighed.\n"


async def test_an_empty_relay_gets_from_each_device_what_only_it_wrote(
    tmp_path: Path, laptop: Writer, tablet: Writer
) -> None:
    async with relay_at(tmp_path / "relay") as relay:
        port, url = port_of(relay), relay.url
        laptop.write("chapter.md", "The salt has to be weighed.\n")
        laptop.found(url)
        await laptop.sync()
        await tablet.join(url, laptop.kit())
        tablet.write("notes.md", "From the tablet.\n")
        await meet(tablet, laptop)
    laptop.write("chapter.md", "All the salt has to be weighed.\n")
    tablet.write("chapter.md", "The salt has to be weighed twice.\n")
    async with relay_at(tmp_path / "other-relay", port):
        await meet(laptop, tablet)
    assert laptop.contents() == tablet.contents()
    assert laptop.contents() == {
        "chapter.md": b"All the salt has to be weighed twice.\n",
        "notes.md": b"From the tablet.\n",
    }


async def test_a_relay_set_back_to_an_older_copy_gets_again_what_it_lost(
    tmp_path: Path, laptop: Writer, tablet: Writer
) -> None:
    async with relay_at(tmp_path / "relay") as relay:
        port, url = port_of(relay), relay.url
        laptop.write("chapter.md", "The salt.\n")
        laptop.found(url)
        await laptop.sync()
    shutil.copytree(tmp_path / "relay", tmp_path / "copy")
    async with relay_at(tmp_path / "relay", port):
        laptop.write("chapter.md", "The salt, weighed.\n")
        laptop.write("later.md", "Written after the copy.\n")
        await laptop.sync()
    async with relay_at(tmp_path / "copy", port):
        await laptop.sync()
        await tablet.join(url, laptop.kit())
        await tablet.sync()
    assert tablet.contents() == laptop.contents()
    assert tablet.read("later.md") == "Written after the copy.\n"
