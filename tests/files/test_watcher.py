import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from sakya_sync.errors import LocalFault
from sakya_sync.files.folder import Folder
from sakya_sync.files.watcher import changes
from sakya_sync.mapping.names import TEMPORARY_PREFIX

WAIT_SECONDS = 20.0
AGAIN_SECONDS = 0.05
RUN_SECONDS = 50.0


class Watching:
    """A folder that is watched, and what was seen."""

    def __init__(self, root: Path) -> None:
        self.stop = asyncio.Event()
        self.seen = asyncio.Event()
        self.task = asyncio.create_task(self._watch(root))

    async def _watch(self, root: Path) -> None:
        async for _ in changes(root, self.stop):
            self.seen.set()

    async def sees(self, change: Callable[[], object]) -> None:
        """That a change is noticed; the watch may not have begun when it is first made."""
        self.seen.clear()
        async with asyncio.timeout(WAIT_SECONDS):
            while not self.seen.is_set():
                change()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.seen.wait(), AGAIN_SECONDS)

    async def ended(self) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            await self.task


@asynccontextmanager
async def watching(root: Path) -> AsyncIterator[Watching]:
    watch = Watching(root)
    try:
        yield watch
    finally:
        watch.stop.set()
        await asyncio.wait([watch.task], timeout=WAIT_SECONDS)


def appended(path: Path) -> Callable[[], object]:
    def append() -> None:
        with path.open("ab") as file:
            file.write(b"word ")

    return append


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "novel"
    (made / "notes").mkdir(parents=True)
    (made / "notes" / "plot.md").write_bytes(b"plot")
    return made


async def test_a_save_is_noticed_at_any_depth(root: Path) -> None:
    async with watching(root) as watch:
        await watch.sees(appended(root / "one.md"))
        await watch.sees(appended(root / "notes" / "plot.md"))


async def test_a_folder_made_while_watching_is_watched_too(root: Path) -> None:
    async with watching(root) as watch:
        await watch.sees(appended(root / "one.md"))
        deep = root / "new" / "deep"
        deep.mkdir(parents=True)
        await watch.sees(appended(deep / "two.md"))


async def test_a_file_that_is_replaced_renamed_or_deleted_is_noticed(root: Path) -> None:
    plot, beside = root / "notes" / "plot.md", root / "notes" / "plot.md.new"
    async with watching(root) as watch:
        await watch.sees(appended(root / "one.md"))

        def replace_as_editors_do() -> None:
            beside.write_bytes(b"new plot")
            beside.replace(plot)

        await watch.sees(replace_as_editors_do)
        await watch.sees(lambda: plot.exists() and plot.rename(root / "plot.md"))
        await watch.sees(lambda: (root / "plot.md").unlink(missing_ok=True))


async def test_a_relative_path_is_watched_as_well(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent)
    async with watching(Path("novel")) as watch:
        await watch.sees(appended(root / "one.md"))


async def test_temporary_files_of_ours_are_no_change(root: Path, tmp_path: Path) -> None:
    async with watching(root) as watch:
        await watch.sees(appended(root / "one.md"))
        await quiet(watch)
        for number in range(20):
            temporary = root / f"{TEMPORARY_PREFIX}{number:016x}"
            temporary.write_bytes(b"half a chapter")
            temporary.unlink()
            await asyncio.sleep(AGAIN_SECONDS / 5)
        await asyncio.sleep(AGAIN_SECONDS * 4)
        assert not watch.seen.is_set()
        Folder(root, tmp_path / "trash").replace("two.md", b"two", executable=False, expected=None)
        async with asyncio.timeout(WAIT_SECONDS):
            await watch.seen.wait()


async def quiet(watch: Watching) -> None:
    """Wait until nothing is seen for a while."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            watch.seen.clear()
            await asyncio.sleep(AGAIN_SECONDS * 4)
            if not watch.seen.is_set():
                return


async def test_watching_ends_when_it_is_told_to(root: Path) -> None:
    async with watching(root) as watch:
        await watch.sees(appended(root / "one.md"))
        watch.stop.set()
        await watch.ended()


async def test_watching_ends_when_its_task_is_cancelled(root: Path) -> None:
    async with watching(root) as watch:
        await watch.sees(appended(root / "one.md"))
        watch.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watch.ended()


async def test_a_folder_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    async with watching(tmp_path / "nowhere") as watch:
        with pytest.raises(LocalFault, match="nowhere"):
            await watch.ended()


# A user may have so many queues of watches and no more: `nobody` takes all of theirs. Root may
# leave what it is only once everything is imported.
WITHOUT_A_QUEUE = """
import asyncio, ctypes, os, sys, tempfile
from pathlib import Path
from sakya_sync.files.watcher import changes

async def sees(root):
    stop, number, told = asyncio.Event(), 0, []
    seen = asyncio.ensure_future(anext(changes(root, stop, lambda: told.append("polling"))))
    while not seen.done():
        number += 1
        (root / "one.md").write_text("word " * number)
        await asyncio.wait([seen], timeout=0.1)
    stop.set()
    seen.result()
    return told

with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o777)
    assert asyncio.run(sees(Path(folder))) == []
    (Path(folder) / "one.md").unlink()
    nobody = 65534
    os.seteuid(nobody)
    system = ctypes.CDLL(None)
    queues = []
    while (queue := system.inotify_init1(0)) >= 0:
        queues.append(queue)
    print(asyncio.run(sees(Path(folder))))
    os.seteuid(0)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can be another user, too"
)
def test_a_folder_is_polled_where_the_system_has_no_room_for_another_watch() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_QUEUE],
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, "['polling']\n"), ran.stderr
