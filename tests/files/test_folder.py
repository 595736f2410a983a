import stat
import sys
from pathlib import Path

import pytest

from sakya_sync.errors import FolderMissing, LocalFault
from sakya_sync.files.folder import Folder, TargetChanged
from sakya_sync.mapping.content import digest_of

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    return made


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Folder:
    return Folder(root, tmp_path / "trash")


def test_a_scan_finds_files_and_names_what_it_leaves_alone(folder: Folder, root: Path) -> None:
    (root / "notes").mkdir()
    (root / "notes" / "plot.md").write_text("plot")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("x")
    (root / "draft.md~").write_text("x")
    (root / ".sakyaignore").write_text("*.log\n")
    (root / "a.log").write_text("x")
    scan = folder.scan()
    assert set(scan.files) == {"notes/plot.md", ".sakyaignore"}
    assert scan.skipped == ()


@links
def test_links_are_named_and_never_followed(folder: Folder, root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("outside")
    (root / "link.txt").symlink_to(secret)
    (root / "out").symlink_to(tmp_path)
    scan = folder.scan()
    assert scan.files == {}
    assert {path for path, _ in scan.skipped} == {"link.txt", "out"}
    with pytest.raises((LocalFault, TargetChanged)):
        folder.replace("link.txt", b"new", executable=False, expected=digest_of(b"outside"))
    with pytest.raises(LocalFault):
        folder.replace("out/new.txt", b"new", executable=False, expected=None)
    assert secret.read_text() == "outside"
    assert not (tmp_path / "new.txt").exists()


def test_a_file_is_replaced_whole_and_keeps_its_mode(folder: Folder, root: Path) -> None:
    path = root / "a.md"
    path.write_bytes(b"old")
    path.chmod(0o640)
    folder.replace("a.md", b"new", executable=False, expected=digest_of(b"old"))
    assert path.read_bytes() == b"new"
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert names(root) == ["a.md"]
    folder.replace("deep/down/b.md", b"b", executable=False, expected=None)
    assert (root / "deep" / "down" / "b.md").read_bytes() == b"b"


@pytest.mark.parametrize("expected", [None, digest_of(b"what was seen before")])
def test_what_a_writer_saved_meanwhile_is_never_written_over(
    folder: Folder, root: Path, expected: bytes | None
) -> None:
    (root / "a.md").write_bytes(b"just saved")
    with pytest.raises(TargetChanged):
        folder.replace("a.md", b"from elsewhere", executable=False, expected=expected)
    assert (root / "a.md").read_bytes() == b"just saved"
    assert names(root) == ["a.md"]


def test_what_a_writer_deleted_meanwhile_is_not_brought_back(folder: Folder, root: Path) -> None:
    with pytest.raises(TargetChanged):
        folder.replace("a.md", b"new", executable=False, expected=digest_of(b"old"))
    assert names(root) == []


def test_a_removed_file_lies_in_the_trash(folder: Folder, root: Path, tmp_path: Path) -> None:
    (root / "notes").mkdir()
    (root / "notes" / "a.md").write_bytes(b"kept")
    with pytest.raises(TargetChanged):
        folder.remove("notes/a.md", expected=digest_of(b"other"))
    folder.remove("notes/a.md", expected=digest_of(b"kept"))
    assert (tmp_path / "trash" / "notes" / "a.md").read_bytes() == b"kept"
    assert names(root) == []


def test_a_second_removal_keeps_the_first(folder: Folder, root: Path, tmp_path: Path) -> None:
    for text in (b"first", b"second", b"third"):
        (root / "a.md").write_bytes(text)
        folder.remove("a.md", expected=digest_of(text))
    kept = {path.read_bytes() for path in (tmp_path / "trash").iterdir()}
    assert kept == {b"first", b"second", b"third"}


def test_a_rename_lands_on_nothing_that_is_there(folder: Folder, root: Path) -> None:
    (root / "a.md").write_bytes(b"a")
    (root / "b.md").write_bytes(b"b")
    with pytest.raises(TargetChanged):
        folder.relocate("a.md", "b.md", expected=digest_of(b"a"))
    folder.relocate("a.md", "c/a.md", expected=digest_of(b"a"))
    assert (root / "c" / "a.md").read_bytes() == b"a"
    assert (root / "b.md").read_bytes() == b"b"


def test_a_missing_folder_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(FolderMissing):
        Folder(tmp_path / "nowhere", tmp_path).scan()
