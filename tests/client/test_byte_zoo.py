"""Odd files: the same bytes on a fresh device, or a refusal that says why."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sakya_sync.client.project import Project
from sakya_sync.limits import OPAQUE_BYTES_MAX, TEXT_BYTES_MAX
from sakya_sync.relay.server import Relay

from .writers import Writer, meet

BOM = b"\xef\xbb\xbf"
on_linux = sys.platform.startswith("linux")


@dataclass(frozen=True)
class Odd:
    """One file, and why it is odd."""

    path: str
    data: bytes
    refused: str = ""
    """What the refusal says; empty where the file is synced."""


SYNCED = [
    Odd("crlf.md", b"One.\r\nTwo.\r\n"),
    Odd("mixed-ends.md", b"One.\r\nTwo.\nThree.\rFour.\r\n"),
    Odd("cr-only.md", b"One.\rTwo.\r"),
    Odd("crlf-unfinished.md", b"One.\r\nTwo."),
    Odd("bom.md", BOM + b"One.\n"),
    Odd("bom-crlf.md", BOM + b"One.\r\n"),
    Odd("bom-alone.md", BOM),
    Odd("two-boms.md", BOM + BOM + b"One.\n"),
    Odd("no-final-newline.md", b"One."),
    Odd("newlines-only.md", b"\n\n\n"),
    Odd("spaces-at-the-end.md", b"One.   \n\t\n  "),
    Odd("separators.md", "One\u2028two\u2029three\u0085four\x0b\x0c.\n".encode()),
    Odd("empty.md", b""),
    Odd("caf\u00e9-composed.md", "caf\u00e9\n".encode()),
    Odd("cafe\u0301-decomposed.md", "cafe\u0301\n".encode()),
    Odd(
        "emoji-\U0001f468\u200d\U0001f469\u200d\U0001f467.md",
        "\U0001f468\u200d\U0001f469\n".encode(),
    ),
    Odd("invalid-utf8.md", b"One \xff\xfe two.\n"),
    Odd("latin-1.md", "caf\u00e9".encode("latin-1")),
    Odd("surrogate.md", b"\xed\xa0\x80"),
    Odd("a-nul.md", b"One\0two.\n"),
    Odd("utf-16.md", "One.\n".encode("utf-16")),
    Odd("tabs.yaml", b"a:\tb\n\tc: d\n"),
    Odd("tilde.yaml", b"a: ~\nb: yes\nc: 010\nd: 1:30\n"),
    Odd("twice.yaml", b"a: 1\na: 2\n"),
    Odd("comments.yaml", b"# one\na: 1  # two\n\n\n# three\n"),
    Odd("broken.yaml", b"a: [1, 2\nb: 'x\n"),
    Odd("fence.md", b"---\ntitle: A\n----\n---\nBody.\n---\n"),
    Odd(" leading-space.md", b"x\n"),
    Odd("a name with  spaces.md", b"x\n"),
    Odd("no-suffix", b"x\n"),
    Odd(".hidden", b"x\n"),
    Odd("Notes.md", b"Upper.\n"),
    Odd("deep/er/and/deeper/still/one.md", b"x\n"),
    Odd("large.md", b"A line of it.\n" * (TEXT_BYTES_MAX // 14 // 8)),
    Odd("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 700),
    Odd("zeros.bin", bytes(OPAQUE_BYTES_MAX)),
]
REFUSED = [
    Odd("con.md", b"x", "Windows"),
    Odd("notes/LPT1.txt", b"x", "Windows"),
    Odd("photo.jpg", b"\xff" * (OPAQUE_BYTES_MAX + 1), "KiB"),
    Odd("huge.md", b"A line of it.\n" * (TEXT_BYTES_MAX // 14 + 1), "KiB"),
]
# Names that Windows cannot have at all, so that a test there could not make them.
ON_POSIX = [
    Odd("trailing-dot.", b"x", "dot"),
    Odd("trailing-space ", b"x", "space"),
    Odd("what?.md", b"x", "Windows"),
    Odd("a:b.md", b"x", "Windows"),
    Odd("back\\slash.md", b"x", "Windows"),
    Odd("bell\a.md", b"x", "control"),
]
ODD = [*SYNCED, *REFUSED, *([] if sys.platform == "win32" else ON_POSIX)]


def rights(folder: Path) -> dict[str, bool]:
    paths = [path for path in folder.rglob("*") if path.is_file() and ".sakya" not in path.parts]
    return {path.relative_to(folder).as_posix(): os.access(path, os.X_OK) for path in paths}


def folders(folder: Path) -> set[str]:
    paths = [path for path in folder.rglob("*") if path.is_dir() and ".sakya" not in path.parts]
    return {path.relative_to(folder).as_posix() for path in paths}


@pytest.fixture
async def zoo(relay: Relay, laptop: Writer, tablet: Writer) -> tuple[Writer, Writer]:
    """A device with the zoo, and one on which it has come."""
    for odd in ODD:
        laptop.write(odd.path, odd.data)
    laptop.found(relay.url)
    await laptop.sync()
    await tablet.join(relay.url, laptop.kit())
    await tablet.sync()
    return laptop, tablet


async def test_every_file_comes_byte_for_byte_or_is_refused_by_name(
    zoo: tuple[Writer, Writer],
) -> None:
    laptop, tablet = zoo
    report = await laptop.sync()
    told = dict(report.attention)
    for odd in ODD:
        if odd.refused:
            assert odd.refused in told.pop(odd.path), odd.path
            assert not (tablet.folder / odd.path).exists(), odd.path
    assert told == {}
    expected = {odd.path: odd.data for odd in ODD if not odd.refused}
    came = tablet.contents()
    normal = {path: came[path] for path in came}
    for path, data in list(expected.items()):
        # A fresh device has names in NFC.
        key = path if path in normal else path.replace("e\u0301", "\u00e9")
        assert normal.pop(key) == data, path
    assert normal == {}
    # And on the device they came from nothing was touched.
    for odd in ODD:
        assert (laptop.folder / odd.path).read_bytes() == odd.data, odd.path


async def test_a_second_sync_of_the_zoo_changes_nothing(zoo: tuple[Writer, Writer]) -> None:
    for writer in (*zoo, *zoo):
        report = await writer.sync()
        assert (report.sent, report.received) == (frozenset(), frozenset())


@pytest.mark.parametrize("path", ["crlf.md", "bom-crlf.md", "mixed-ends.md", "no-final-newline.md"])
async def test_an_edit_elsewhere_leaves_line_ends_and_marks_as_they_are(
    zoo: tuple[Writer, Writer], path: str
) -> None:
    laptop, tablet = zoo
    wanted = tablet.contents()[path].replace(b"One", b"Zero. One")
    tablet.write(path, wanted)
    await meet(tablet, laptop)
    assert laptop.contents()[path] == tablet.contents()[path] == wanted


@pytest.mark.skipif(not on_linux, reason="names that differ in case only need such a disk")
async def test_names_that_differ_in_case_only_are_told_apart_on_every_device(
    relay: Relay, laptop: Writer, tablet: Writer
) -> None:
    laptop.write("Plot.md", b"Upper.\n")
    laptop.write("plot.md", b"Lower.\n")
    laptop.found(relay.url)
    await laptop.sync()
    await tablet.join(relay.url, laptop.kit())
    await tablet.sync()
    await meet(laptop, tablet)
    assert laptop.contents() == tablet.contents()
    assert sorted(laptop.contents().values()) == [b"Lower.\n", b"Upper.\n"]
    assert len({path.casefold() for path in laptop.contents()}) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such right")
async def test_a_file_that_may_be_run_may_be_run_everywhere(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    laptop.write("count-words", b"#!/bin/sh\nwc -w *.md\n")
    (laptop.folder / "count-words").chmod(0o755)
    await meet(laptop, tablet)
    assert rights(tablet.folder) == rights(laptop.folder)
    assert rights(tablet.folder)["count-words"]
    (tablet.folder / "count-words").chmod(0o644)
    await meet(tablet, laptop)
    assert not rights(laptop.folder)["count-words"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
async def test_links_and_pipes_are_refused_by_name_and_not_followed(
    pair: tuple[Writer, Writer], tmp_path: Path
) -> None:
    laptop, tablet = pair
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/diary.md").write_text("Not for the relay.\n")
    (laptop.folder / "link.md").symlink_to(tmp_path / "secret/diary.md")
    (laptop.folder / "linked").symlink_to(tmp_path / "secret")
    os.mkfifo(laptop.folder / "pipe")
    report = await laptop.sync()
    assert {path for path, _ in report.attention} == {"link.md", "linked", "pipe"}
    await tablet.sync()
    assert list(tablet.contents()) == ["chapter.md"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
async def test_a_file_that_becomes_a_link_is_not_deleted_elsewhere(
    pair: tuple[Writer, Writer], tmp_path: Path
) -> None:
    laptop, tablet = pair
    (laptop.folder / "chapter.md").rename(tmp_path / "chapter.md")
    (laptop.folder / "chapter.md").symlink_to(tmp_path / "chapter.md")
    report = await laptop.sync()
    assert [path for path, _ in report.attention] == ["chapter.md"]
    tablet.write("chapter.md", "The salt has to be weighed at dawn.\n")
    await meet(tablet, laptop)
    assert tablet.read("chapter.md") == "The salt has to be weighed at dawn.\n"
    assert (tmp_path / "chapter.md").read_text() == "The salt has to be weighed before noon.\n"


async def test_empty_folders_come_and_go(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    for path in ("drafts", "entities/people", "cafe\u0301"):
        (laptop.folder / path).mkdir(parents=True)
    await meet(laptop, tablet)
    assert folders(tablet.folder) == {"drafts", "entities", "entities/people", "caf\u00e9"}
    assert folders(laptop.folder) == {"drafts", "entities", "entities/people", "cafe\u0301"}
    (tablet.folder / "drafts").rmdir()
    tablet.write("entities/people/ada.md", "Ada.\n")
    await meet(tablet, laptop)
    assert folders(laptop.folder) == {"entities", "entities/people", "cafe\u0301"}
    assert laptop.contents() == tablet.contents()
    for writer in (laptop, tablet):
        report = await writer.sync()
        assert (report.sent, report.received, report.attention) == (frozenset(), frozenset(), ())


async def test_a_folder_emptied_here_stays_everywhere(pair: tuple[Writer, Writer]) -> None:
    laptop, tablet = pair
    laptop.write("notes/plot.md", "She leaves.\n")
    await meet(laptop, tablet)
    (laptop.folder / "notes/plot.md").unlink()
    await meet(laptop, tablet)
    assert folders(laptop.folder) == folders(tablet.folder) == {"notes"}


async def test_a_folder_that_is_not_empty_elsewhere_is_not_removed_there(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    (laptop.folder / "notes").mkdir()
    await meet(laptop, tablet)
    tablet.write("notes/.DS_Store", b"x")
    (laptop.folder / "notes").rmdir()
    for _ in range(2):
        await meet(laptop, tablet)
    assert folders(laptop.folder) == set()
    assert folders(tablet.folder) == {"notes"}


async def test_a_file_that_is_ignored_from_now_on_stays_everywhere_as_it_is(
    pair: tuple[Writer, Writer],
) -> None:
    laptop, tablet = pair
    laptop.write("scratch/one.md", "One.\n")
    laptop.write("scratch/two.md", "Two.\n")
    await meet(laptop, tablet)
    laptop.write(".sakyaignore", "scratch/\n")
    laptop.write("scratch/one.md", "One, on the laptop.\n")
    (laptop.folder / "scratch/two.md").unlink()
    await meet(laptop, tablet)
    assert tablet.read("scratch/one.md") == "One.\n"
    assert tablet.read("scratch/two.md") == "Two.\n"
    assert laptop.read("scratch/one.md") == "One, on the laptop.\n"
    async with Project.open(laptop.folder, home=laptop.home, watch=False) as project:
        assert (await project.sync()).attention == ()
    (laptop.folder / ".sakyaignore").unlink()
    await meet(laptop, tablet)
    assert tablet.read("scratch/one.md") == "One, on the laptop.\n"
    assert not (tablet.folder / "scratch/two.md").exists()
