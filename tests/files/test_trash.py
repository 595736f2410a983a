import os
import time
from pathlib import Path

from sakya_sync.files.trash import KEPT_DAYS, Trash

DAY_NS = 86_400 * 1_000_000_000


def lying(place: Path) -> dict[str, bytes]:
    paths = sorted(path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in paths}


def test_nothing_in_the_trash_is_overwritten(tmp_path: Path) -> None:
    trash = Trash(tmp_path / "trash")
    for data in (b"first", b"second", b"third"):
        trash.put("notes/a.md", data)
    assert lying(tmp_path / "trash") == {
        "notes/a-2.md": b"second",
        "notes/a-3.md": b"third",
        "notes/a.md": b"first",
    }


def test_a_folder_where_a_file_lies_gets_another_name(tmp_path: Path) -> None:
    trash = Trash(tmp_path / "trash")
    trash.put("notes", b"a file")
    trash.put("notes/a.md", b"in a folder")
    assert sorted(lying(tmp_path / "trash").values()) == [b"a file", b"in a folder"]


def test_it_is_emptied_of_what_has_lain_there_for_long_and_of_nothing_else(tmp_path: Path) -> None:
    trash = Trash(tmp_path / "trash")
    now = time.time_ns()
    for path, days in (("old/deep/a.md", KEPT_DAYS + 1), ("b.md", KEPT_DAYS - 1), ("old/c", 0)):
        copy = trash.put(path, path.encode())
        os.utime(copy, ns=(now, now - days * DAY_NS))
    trash.empty(now)
    assert set(lying(tmp_path / "trash")) == {"b.md", "old/c"}
    assert not (tmp_path / "trash/old/deep").exists()
    trash.empty(now + (KEPT_DAYS + 1) * DAY_NS)
    assert list((tmp_path / "trash").iterdir()) == []


def test_a_trash_that_was_never_used_is_empty(tmp_path: Path) -> None:
    Trash(tmp_path / "trash").empty(time.time_ns())
    assert not (tmp_path / "trash").exists()
