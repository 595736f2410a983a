import errno
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rights import python_with_rights
from sakya_sync.errors import DiskFull, LocalFault, PermissionMissing
from sakya_sync.files.faults import translated

PATH = Path("notes/plot.md")
FULL = {errno.ENOSPC, errno.EDQUOT}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def raised(number: int) -> LocalFault:
    with pytest.raises(LocalFault) as caught, translated(PATH):
        raise OSError(number, "what the system says")
    return caught.value


@given(st.sampled_from(sorted(errno.errorcode)))
def test_every_complaint_of_the_system_becomes_an_error_of_ours_that_names_the_file(
    number: int,
) -> None:
    error = raised(number)
    expected = DiskFull if number in FULL else PermissionMissing if number in FORBIDDEN else None
    assert type(error) is (expected or LocalFault)
    assert str(PATH) in error.message
    assert error.exit_status == 1


def test_a_complaint_without_a_number_is_still_told() -> None:
    with pytest.raises(LocalFault, match="no reason at all"), translated(PATH):
        raise OSError("no reason at all")


def test_what_the_system_did_not_complain_of_passes() -> None:
    with pytest.raises(ValueError, match="ours"), translated(PATH):
        raise ValueError("ours")
    with translated(PATH):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_a_full_disk_is_said_to_be_full() -> None:
    with pytest.raises(DiskFull, match=PATH.name), translated(PATH):
        Path("/dev/full").write_bytes(b"words")


PROGRAM = """
import sys
from pathlib import Path
from sakya_sync.errors import LocalFault
from sakya_sync.files.folder import Folder
from sakya_sync.files.lock import ProcessLock
from sakya_sync.mapping.content import digest_of

root = Path(sys.argv[1])
folder = Folder(root / "novel", root / "trash")
try:
    exec(sys.argv[2])
except LocalFault as error:
    print(type(error).__name__, error.message)
else:
    print("done")
"""
CUT_SHORT = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
folder.replace("notes/plot.md", bytes(2000), executable=False, expected=digest_of(b"plot"))
"""
RUN_SECONDS = 50.0


def attempt(root: Path, step: str) -> str:
    """What comes of a step that a process takes which rights hold for."""
    ran = subprocess.run(
        [*python_with_rights(), "-c", PROGRAM, str(root), step],
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "novel" / "notes").mkdir(parents=True)
    (tmp_path / "trash").mkdir()
    (tmp_path / "novel" / "notes" / "plot.md").write_bytes(b"plot")
    return tmp_path


REPLACE = "folder.replace('{path}', b'new', executable=False, expected=None)"
REMOVE = "folder.remove('notes/plot.md', expected=digest_of(b'plot'))"
RELOCATE = "folder.relocate('notes/plot.md', 'plot.md', expected=digest_of(b'plot'))"
READ_ONLY, UNREADABLE, NOTHING = 0o555, 0o333, 0o000


@pytest.mark.parametrize(
    ("step", "locked", "mode"),
    [
        pytest.param("folder.scan()", "novel/notes", UNREADABLE, id="scan"),
        pytest.param("folder.read('notes/plot.md')", "novel/notes/plot.md", NOTHING, id="read"),
        pytest.param(REPLACE.format(path="notes/new.md"), "novel/notes", READ_ONLY, id="write"),
        pytest.param(REPLACE.format(path="new/new.md"), "novel", READ_ONLY, id="make-folder"),
        pytest.param(REMOVE, "novel/notes", READ_ONLY, id="remove"),
        pytest.param(REMOVE, "trash", READ_ONLY, id="into-trash"),
        pytest.param(RELOCATE, "novel", READ_ONLY, id="rename-to"),
        pytest.param(RELOCATE, "novel/notes", READ_ONLY, id="rename-from"),
        pytest.param("ProcessLock(root / 'lock', root).__enter__()", ".", READ_ONLY, id="lock"),
    ],
)
def test_a_missing_right_is_said_to_be_missing_and_no_file_is_changed(
    root: Path, step: str, locked: str, mode: int
) -> None:
    before = files(root)
    rights = stat.S_IMODE((root / locked).stat().st_mode)
    (root / locked).chmod(mode)
    try:
        told = attempt(root, step)
    finally:
        (root / locked).chmod(rights)
    assert told.startswith("PermissionMissing "), told
    assert files(root) == before
    # With the right, the same goes well.
    assert attempt(root, step) == "done"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for a file's size")
def test_a_write_that_stops_half_way_leaves_the_file_as_it_was_and_no_other(root: Path) -> None:
    before = files(root)
    assert attempt(root, CUT_SHORT).startswith("LocalFault ")
    assert files(root) == before
