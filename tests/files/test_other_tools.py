from pathlib import Path

import pytest

from sakya_sync.files.folder import Folder
from sakya_sync.files.other_tools import at_work, left_copy

COPIES = {
    "chapter.sync-conflict-20261125-101500-ABCDEFG.md": "Syncthing",
    "chapter (Ada's conflicted copy 2026-11-25).md": "Dropbox or Nextcloud",
    "chapter (conflicted copy 2026-11-25 101500).md": "Dropbox or Nextcloud",
    "chapter.Conflict.md": "Resilio Sync",
}
ORDINARY = ["conflict.md", "the conflicted copyist.md", "sync-conflict.md", "a (copy).md"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    return made


def reasons(root: Path) -> dict[str, str]:
    return dict(Folder(root, root).scan().skipped)


@pytest.mark.parametrize(("name", "tool"), COPIES.items())
def test_a_copy_that_another_tool_left_is_not_synced_and_named(
    root: Path, name: str, tool: str
) -> None:
    assert left_copy(name) == tool
    (root / name).write_text("x")
    assert tool in reasons(root)[name]
    assert Folder(root, root).scan().files == {}


def test_a_file_of_an_ordinary_name_is_a_file(root: Path) -> None:
    for name in ORDINARY:
        (root / name).write_text("x")
    assert set(Folder(root, root).scan().files) == set(ORDINARY)
    assert reasons(root) == {}


@pytest.mark.parametrize(("mark", "tool"), [(".stfolder", "Syncthing"), (".dropbox", "Dropbox")])
def test_another_tool_in_the_same_folder_is_named_until_the_writer_says_it_is_meant(
    root: Path, mark: str, tool: str
) -> None:
    assert at_work(mark) == tool
    (root / mark).mkdir()
    (root / mark / "inside").write_text("x")
    assert tool in reasons(root)[mark]
    assert Folder(root, root).scan().files == {}
    (root / ".sakyaignore").write_text(f"{mark}\n")
    assert reasons(root) == {}
