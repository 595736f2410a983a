"""Whole projects: first sync, a sync without changes, and one edit's way from file to file."""

import asyncio
import shutil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.figure import Figure, ms
from bench.stage import Stage, stage
from sakya_sync.client.project import Project

EXAMPLE = Path(__file__).parents[1] / "examples" / "the-salt-road"
IDLE_GOAL_SECONDS = 0.3
EDIT_GOAL_SECONDS = 0.35
WAIT_SECONDS = 30.0


async def measure(copies: int, runs: int) -> list[Figure]:
    """Times."""
    with TemporaryDirectory(prefix="sakya-bench-") as directory:
        async with stage(Path(directory)) as here:
            for number in range(copies):
                shutil.copytree(EXAMPLE, here.folder("laptop") / f"part-{number:02}")
            files = sum(path.is_file() for path in here.folder("laptop").rglob("*"))
            await here.found("laptop")
            first = await _timed(here, "laptop")
            await here.join("tablet", "laptop")
            second = await _timed(here, "tablet")
            idle = median([await _timed(here, "laptop") for _ in range(max(5, runs))])
            edit = await _edit(here, max(5, runs))
    return [
        Figure(f"first sync of {files:,} files, sent", ms(first), "", "", None),
        Figure(f"first sync of {files:,} files, fetched", ms(second), "", "", None),
        Figure(
            f"sync of {files:,} files without a change",
            ms(idle),
            "",
            f"≤ {ms(IDLE_GOAL_SECONDS)}",
            idle <= IDLE_GOAL_SECONDS,
        ),
        Figure(
            "one edit, from file to file (settling 100 ms)",
            ms(edit),
            "",
            f"≤ {ms(EDIT_GOAL_SECONDS)}",
            edit <= EDIT_GOAL_SECONDS,
        ),
    ]


async def _timed(here: Stage, name: str) -> float:
    begun = perf_counter()
    await here.sync(name)
    return perf_counter() - begun


async def _edit(here: Stage, times: int) -> float:
    path = "part-00/notes/plot.md"
    source, target = here.folder("laptop") / path, here.folder("tablet") / path
    async with (
        Project.open(here.folder("laptop"), home=here.home("laptop")) as laptop,
        Project.open(here.folder("tablet"), home=here.home("tablet")) as tablet,
    ):
        await laptop.wait_synced()
        await tablet.wait_synced()
        taken = []
        for number in range(times):
            await asyncio.sleep(0.5)
            begun = perf_counter()
            source.write_text(f"{source.read_text('utf-8')}Edit {number}.\n", "utf-8")
            async with asyncio.timeout(WAIT_SECONDS):
                while f"Edit {number}." not in target.read_text("utf-8"):
                    await asyncio.sleep(0.002)
            taken.append(perf_counter() - begun)
    return median(taken)
