import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sakya_sync.files.folder import Folder
from sakya_sync.files.readers import Readers
from sakya_sync.mapping.content import digest_of
from sakya_sync.mapping.stale import Read

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")

PATH = "notes/plot.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    (made / "notes").mkdir(parents=True)
    return made


@pytest.fixture
def readers(root: Path) -> Iterator[Readers]:
    made = Readers(root)
    yield made
    made.close()


@pytest.fixture
def folder(root: Path, tmp_path: Path, readers: Readers) -> Folder:
    return Folder(root, tmp_path / "trash", readers)


def write(folder: Folder, data: bytes, before: bytes | None = None, path: str = PATH) -> None:
    expected = None if before is None else digest_of(before)
    folder.replace(path, data, executable=False, expected=expected)


@on_linux
def test_a_file_is_unread_until_another_program_reads_it(
    folder: Folder, readers: Readers, root: Path
) -> None:
    assert readers.read(PATH) is Read.UNKNOWN
    write(folder, b"one")
    assert readers.read(PATH) is Read.NO
    (root / PATH).read_bytes()
    assert readers.read(PATH) is Read.YES
    write(folder, b"two", b"one")
    assert readers.read(PATH) is Read.NO


@on_linux
def test_our_own_looks_do_not_count(folder: Folder, readers: Readers) -> None:
    write(folder, b"one")
    assert folder.read(PATH) is not None
    folder.scan()
    assert readers.read(PATH) is Read.NO
    folder.relocate(PATH, "plot.md", expected=digest_of(b"one"))
    assert readers.read(PATH) is Read.UNKNOWN


@on_linux
def test_a_save_without_a_look_does_not_count(folder: Folder, readers: Readers, root: Path) -> None:
    write(folder, b"one")
    (root / PATH).write_bytes(b"from a window")
    assert readers.read(PATH) is Read.NO
    readers.forget(PATH)
    assert readers.read(PATH) is Read.UNKNOWN


@on_linux
def test_who_reads_while_we_do_is_noticed(folder: Folder, readers: Readers, root: Path) -> None:
    write(folder, b"one")
    with readers.own(PATH):
        (root / PATH).read_bytes()
        (root / PATH).read_bytes()
    assert readers.read(PATH) is Read.YES


@on_linux
def test_a_renamed_file_keeps_what_is_known_of_it(
    folder: Folder, readers: Readers, root: Path
) -> None:
    write(folder, b"one")
    write(folder, b"other", path="notes/other.md")
    folder.relocate(PATH, "notes/end.md", expected=digest_of(b"one"))
    assert readers.read("notes/end.md") is Read.NO
    assert readers.read(PATH) is Read.UNKNOWN


@on_linux
def test_a_folder_in_the_place_of_another_is_watched_anew(
    folder: Folder, readers: Readers, root: Path
) -> None:
    write(folder, b"one")
    (root / "notes").rename(root / "old")
    (root / "notes").mkdir()
    write(folder, b"two")
    (root / "old/plot.md").read_bytes()
    assert readers.read(PATH) is Read.NO
    (root / PATH).read_bytes()
    assert readers.read(PATH) is Read.YES


@on_linux
def test_of_a_folder_that_is_gone_nothing_is_known(
    folder: Folder, readers: Readers, root: Path
) -> None:
    write(folder, b"one")
    (root / PATH).unlink()
    (root / "notes").rmdir()
    assert readers.read(PATH) is Read.UNKNOWN


@on_linux
def test_when_events_were_lost_nothing_is_known(
    folder: Folder, readers: Readers, root: Path
) -> None:
    write(folder, b"one")
    events_max = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    other = root / "notes" / "other.md"
    other.write_bytes(b"x")
    for _ in range(events_max // 2 + 10):
        other.read_bytes()
    assert readers.read(PATH) is Read.UNKNOWN


def test_once_closed_nothing_is_known(readers: Readers, folder: Folder) -> None:
    write(folder, b"one")
    readers.close()
    assert readers.read(PATH) is Read.UNKNOWN
    write(folder, b"two", b"one")
    assert readers.read(PATH) is Read.UNKNOWN
