"""What the demo does: everything real, on this computer, in one directory."""

import asyncio
import shutil
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from sakya_sync.client.founding import found_project
from sakya_sync.client.home import Home
from sakya_sync.client.ports import Ports
from sakya_sync.client.project import Project
from sakya_sync.client.recovering import join_by_recovery
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.files.folder import Folder
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.seal.recovery import words
from sakya_sync.store.relay.store import RelayStore
from sakya_sync.system import SystemClock

EXAMPLE: Final = "the-salt-road"
CHAPTER: Final = "manuscript/weighing-out.md"
WAIT_SECONDS: Final = 20.0
WORD_LETTERS_MIN: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the demo claims, and what shows it."""

    claim: str
    holds: bool
    details: tuple[str, ...] = ()


class _Stage:
    """The relay's directory, and two devices with a folder and a home each."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.relay = root / "relay"
        self.laptop, self.tablet = root / "laptop" / EXAMPLE, root / "tablet" / EXAMPLE
        self.laptop_home = Home(root / "laptop-home")
        self.tablet_home = Home(root / "tablet-home")


async def demonstrate(root: Path, tell: Callable[[Finding], None]) -> list[Finding]:
    """Run the demo in an empty directory; `tell` hears each finding as it is made."""
    stage = _Stage(root)
    findings: list[Finding] = []

    def found(claim: str, holds: bool, *details: str) -> None:
        finding = Finding(claim, holds, details)
        findings.append(finding)
        tell(finding)

    _copy_example(stage.laptop)
    config = RelayConfig("127.0.0.1", 0, stage.relay)
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        await _set_up(stage, relay.url, found)
        await _edit_at_once(stage, found)
        await _edit_offline(stage, found)
    _search_relay(stage, found)
    return findings


Found = Callable[..., None]


async def _set_up(stage: _Stage, url: str, found: Found) -> None:
    begun = time.monotonic()
    found_project(stage.laptop, url, None, home=stage.laptop_home)
    async with Project.open(stage.laptop, home=stage.laptop_home, watch=False) as project:
        report = await project.sync()
    found(
        f"the laptop sealed {report.files} files and put them on the relay",
        report.files > 0,
        f"{url}, in {time.monotonic() - begun:.1f} s",
    )
    begun = time.monotonic()
    kit = open_vault(stage.laptop_home).recovery
    assert kit is not None
    await join_by_recovery(
        stage.tablet, url, words(kit), None, home=stage.tablet_home, ports=Ports.real()
    )
    async with Project.open(stage.tablet, home=stage.tablet_home, watch=False) as project:
        await project.sync()
    found(
        "the tablet joined with the 24 words of the recovery kit, and both folders are equal",
        _contents(stage.laptop) == _contents(stage.tablet),
        f"in {time.monotonic() - begun:.1f} s",
    )


async def _edit_at_once(stage: _Stage, found: Found) -> None:
    """Both devices watch their folders, and an editor saves on both at the same moment."""
    async with AsyncExitStack() as stack:
        for folder, home in _devices(stage):
            project = await stack.enter_async_context(Project.open(folder, home=home))
            await project.wait_synced()
        begun = time.monotonic()
        _replace(stage.laptop / CHAPTER, "Forty pounds", "Exactly forty pounds")
        _replace(stage.tablet / CHAPTER, "from the bed", "from her bed by the window")
        wanted = ("Exactly forty pounds", "from her bed by the window")
        equal = await _become_equal(stage, wanted)
        found(
            "both changed the same sentence at once, and both changes are there",
            equal,
            _sentence(stage.laptop / CHAPTER, wanted[0]),
            f"after {time.monotonic() - begun:.1f} s, from file to file",
        )


async def _edit_offline(stage: _Stage, found: Found) -> None:
    """The tablet is away: both write on, and meet again."""
    _replace(stage.tablet / CHAPTER, "The salt has to be weighed", "All salt has to be weighed")
    added = "\nShe did not look back until the second post.\n"
    with (stage.tablet / CHAPTER).open("a", encoding="utf-8") as file:
        file.write(added)
    _replace(stage.laptop / CHAPTER, "by an Orrey", "by an Orrey and by nobody else")
    (stage.laptop / "notes" / "from-the-laptop.md").write_text("Written while away.\n", "utf-8")
    for _ in range(2):
        for folder, home in _devices(stage):
            async with Project.open(folder, home=home, watch=False) as project:
                await project.sync()
    text = (stage.laptop / CHAPTER).read_text("utf-8")
    wanted = ("All salt has to be weighed", "by an Orrey and by nobody else", added.strip())
    found(
        "the tablet was offline, both wrote on, and nothing of either was lost",
        all(part in text for part in wanted) and _contents(stage.laptop) == _contents(stage.tablet),
        _sentence(stage.laptop / CHAPTER, wanted[0]),
    )


def _search_relay(stage: _Stage, found: Found) -> None:
    """Look on the relay's disk for every longer word, title and file name of the project.

    Left out are the few words that the relay's empty database has in the names of its columns.
    """
    disk = _disk(stage.relay)
    empty = stage.root / "empty-relay"
    RelayStore(empty).close()
    own = _disk(empty)
    sought: set[bytes] = set()
    for path, content in _contents(stage.laptop).items():
        sought.add(Path(path).name.encode())
        letters = "".join(
            character if character.isalpha() else " "
            for character in content.decode("utf-8", "ignore")
        )
        sought.update(word.encode() for word in letters.split() if len(word) >= WORD_LETTERS_MIN)
    sought = {word for word in sought if word not in own}
    there = sorted(word for word in sought if word in disk)
    found(
        "the relay's disk holds none of the words",
        not there and len(disk) > 0,
        f"{len(sought):,} words and names looked for in {len(disk):,} bytes",
        *(word.decode() for word in there[:3]),
    )


def _disk(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


def _devices(stage: _Stage) -> tuple[tuple[Path, Home], ...]:
    return ((stage.laptop, stage.laptop_home), (stage.tablet, stage.tablet_home))


async def _become_equal(stage: _Stage, wanted: tuple[str, ...]) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        laptop, tablet = _contents(stage.laptop), _contents(stage.tablet)
        text = laptop[CHAPTER].decode()
        if laptop == tablet and all(part in text for part in wanted):
            return True
        await asyncio.sleep(0.02)
    return False


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path: (folder / path).read_bytes() for path in sorted(Folder(folder, folder).scan().files)
    }


def _sentence(path: Path, part: str) -> str:
    lines = path.read_text("utf-8").splitlines()
    line = next((line for line in lines if part in line), "")
    start = max(0, line.find(part) - 20)
    return f"…{line[start : start + 110]}…"


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def _copy_example(target: Path) -> None:
    """The example project of this repository, which a wheel carries inside the package."""
    packaged = files("sakya_sync").joinpath("examples", EXAMPLE)
    if packaged.is_dir():
        with as_file(packaged) as source:
            shutil.copytree(source, target)
        return
    shutil.copytree(Path(__file__).parents[3] / "examples" / EXAMPLE, target)
