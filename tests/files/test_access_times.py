from pathlib import Path

import pytest

from sakya_sync.files import access_times
from sakya_sync.files.folder import Folder, Stat
from sakya_sync.mapping.content import digest_of
from sakya_sync.mapping.stale import Read


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    root = tmp_path / "project"
    root.mkdir()
    if not access_times.kept(root):
        pytest.skip("this disk keeps no access times")
    return Folder(root, tmp_path / "trash")


def written(folder: Folder) -> Stat:
    return folder.replace("a.md", b"The salt.", executable=False, expected=None)


def test_a_written_file_is_unread_until_somebody_reads_it(folder: Folder) -> None:
    inode = written(folder).inode
    assert folder.read_since_written("a.md", inode, inode) is Read.NO
    assert folder.read("a.md") is not None
    assert folder.read_since_written("a.md", inode, inode) is Read.NO
    (folder.root / "a.md").read_bytes()
    assert folder.read_since_written("a.md", inode, inode) is Read.YES


def test_a_save_in_place_does_not_make_it_read(folder: Folder) -> None:
    inode = written(folder).inode
    (folder.root / "a.md").write_bytes(b"From a window.")
    assert folder.read("a.md") is not None
    assert folder.read_since_written("a.md", inode, inode) is Read.NO


def test_whoever_puts_another_file_in_its_place_has_read_it(folder: Folder) -> None:
    inode = written(folder).inode
    assert folder.read_since_written("a.md", inode, inode + 1) is Read.YES


def test_of_a_file_that_is_gone_nobody_knows(folder: Folder) -> None:
    inode = written(folder).inode
    folder.remove("a.md", expected=digest_of(b"The salt."))
    assert folder.read_since_written("a.md", inode, inode) is Read.UNKNOWN


def test_the_time_of_the_last_change_stays_as_it_is(folder: Folder) -> None:
    stat = written(folder)
    found = (folder.root / "a.md").stat()
    assert found.st_mtime_ns == stat.mtime_ns
    assert found.st_atime_ns < found.st_mtime_ns
