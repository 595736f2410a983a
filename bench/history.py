"""`uv run python -m bench.history`: what a writer asks of a project's past, and the same of git."""

import asyncio
import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import click

from bench.figure import Figure, ms, table
from bench.readme import commit, machine, put
from bench.stage import Stage, stage
from bench.traces import Trace, generated_trace, read_trace
from sakya_sync.client.exporting import export_folder
from sakya_sync.client.history import History
from sakya_sync.client.ports import Ports
from sakya_sync.client.project import Project
from sakya_sync.client.reading import open_history
from sakya_sync.history.compare import compare
from sakya_sync.history.effort import effort
from sakya_sync.history.page import page
from sakya_sync.history.past import Past
from sakya_sync.history.words import Layout
from sakya_sync.ids import AuthorId, PeerId, PublicKey
from sakya_sync.replica.commits import Stamp
from sakya_sync.replica.document import Document
from sakya_sync.replica.steps import apply_steps
from sakya_sync.system import SystemClock

SESSIONS = 50
CHAPTERS_A_SESSION = 20
EDITS_A_SESSION = 500
HOUR_S = 3_600
BEGAN_S = 1_700_000_000
WRITER = AuthorId(PublicKey(b"w" * 32))
CREATE_GOAL, RESTORE_GOAL, EXPORT_GOAL, PAGE_GOAL = 0.1, 1.0, 5.0, 3.0


@dataclass
class Hours(SystemClock):
    """A clock whose wall goes on by the hour, when it is told to."""

    wall_s: int = BEGAN_S

    def wall_ms(self) -> int:
        """Milliseconds since 1970."""
        return self.wall_s * 1000


@click.command()
@click.option("--trace", "path", type=click.Path(path_type=Path, exists=True), metavar="FILE")
@click.option("--runs", default=3, show_default=True, help="Of which the median is shown.")
@click.option("--chapters", default=1_000, show_default=True, help="Of the project.")
@click.option("--write", is_flag=True, help="Put the table into the README.")
def main(path: Path | None, runs: int, chapters: int, write: bool) -> None:
    """Measure, beside git in the same run."""
    trace = generated_trace() if path is None else read_trace(path)
    figures = asyncio.run(measure(trace, runs, chapters))
    shown = f"{table(figures, 'git')}\n\nMedians of {runs} runs, on {machine()}, {commit()}."
    click.echo(shown)
    if write:
        put("bench: history", shown)


async def measure(trace: Trace, runs: int, chapters: int) -> list[Figure]:
    """Times, beside git's where it has an answer."""
    with TemporaryDirectory(prefix="sakya-bench-") as directory:
        root = Path(directory)
        return [*_of_trace(trace, root / "trace", runs), *await _of_project(root, runs, chapters)]


def _of_trace(trace: Trace, folder: Path, runs: int) -> list[Figure]:
    document, texts = Document(PeerId(1)), [""]
    for start in range(0, len(trace.edits), EDITS_A_SESSION):
        with document.edit(Stamp(BEGAN_S + len(texts) * HOUR_S, 0)):
            for steps in trace.edits[start : start + EDITS_A_SESSION]:
                document.apply_steps(steps)
        texts.append(document.text())
    snapshot = document.export_snapshot()
    git = Git(folder)
    for number, text in enumerate(texts[1:]):
        git.commit({"text.md": text}, BEGAN_S + (number + 1) * HOUR_S)
    now_s = BEGAN_S + (len(texts) + 1) * HOUR_S
    middle, later = len(texts) // 3, len(texts) * 2 // 3

    def past() -> Past:
        return Past(Document(PeerId(2), snapshot), lambda _: WRITER, now_s=now_s)

    def log() -> None:
        seen, text = past(), ""
        runs_of = list(seen.runs(lambda one, other: other.at_s - one.at_s < HOUR_S // 2))
        assert len(runs_of) == len(texts) - 1
        for difference in seen.document.walk(run.frontier for run in runs_of):
            effort(text, difference.steps, Layout.PROSE)
            text = apply_steps(difference.steps, text)
        assert text == texts[-1]

    def show(number: int) -> str:
        seen = past()
        return seen.document.text_at(seen.frontier_at(BEGAN_S + number * HOUR_S))

    def shown() -> None:
        assert show(middle) == texts[middle]

    def diff() -> None:
        assert compare(show(middle), show(later)).new_text() == texts[later]

    name = f"{trace.name}, {len(texts) - 1} sessions"
    return [
        _beside(f"{name}: log with words", log, git.log, runs),
        _beside(f"{name}: show at a version", shown, lambda: git.show(middle), runs),
        _beside(f"{name}: diff of two versions", diff, lambda: git.diff(middle, later), runs),
    ]


async def _of_project(root: Path, runs: int, chapters: int) -> list[Figure]:
    clock = Hours()
    async with stage(root, clock) as here:
        return await _asked(here, clock, runs, chapters)


async def _asked(here: Stage, clock: Hours, runs: int, chapters: int) -> list[Figure]:
    folder, home, root = here.folder("laptop"), here.home("laptop"), here.root
    ports = replace(Ports.real(), clock=clock)
    git = Git(root / "git")
    dice = random.Random(1)
    files = {f"manuscript/chapter-{number:04}.md": _chapter(dice) for number in range(chapters)}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    git.commit(files, clock.wall_s)
    await here.found("laptop")
    async with Project.open(folder, home=home, ports=ports) as project:
        await project.wait_synced()
        await project.snapshots.create("begun")
        for _ in range(SESSIONS):
            clock.wall_s += HOUR_S
            changed = {}
            for path in dice.sample(sorted(files), CHAPTERS_A_SESSION):
                files[path] = changed[path] = f"{files[path]}{_paragraph(dice)}\n\n"
                async with project.edit(path) as draft:
                    draft.text = changed[path]
            git.commit(changed, clock.wall_s)
        await project.wait_synced()
    middle = SESSIONS // 2
    at_s = BEGAN_S + middle * HOUR_S

    def history(run: Callable[[History], object]) -> Callable[[], None]:
        def with_history() -> None:
            with open_history(folder, home=home, ports=ports) as past:
                run(past)

        return with_history

    path = max(files)
    name = f"{chapters:,} chapters, {SESSIONS} sessions"
    figures = [
        _beside(f"{name}: log with words", history(lambda past: past.timeline()), git.log, runs),
        _beside(
            f"{name}: show a chapter at a version",
            history(lambda past: past.file(past.at(at_s), path)),
            lambda: git.show(middle, path),
            runs,
        ),
        _beside(
            f"{name}: what differs from a version",
            history(lambda past: past.differing(past.at(at_s), past.now())),
            lambda: git.diff(middle, SESSIONS),
            runs,
        ),
        _goal(f"{name}: page", history(lambda past: page(past.timeline())), PAGE_GOAL, runs),
    ]

    targets = iter(range(1_000))

    def export(past: History) -> None:
        export_folder(past.files(past.at(at_s)).values(), root / f"out-{next(targets)}")

    figures.append(
        _beside(
            f"{name}: export",
            history(export),
            lambda: git.export(middle, root / f"out-{next(targets)}"),
            runs,
            EXPORT_GOAL,
        )
    )
    async with Project.open(folder, home=home, ports=ports, watch=False) as project:
        taken = []
        for number in range(max(3, runs)):
            begun = perf_counter()
            await project.snapshots.create(f"snapshot {number}")
            taken.append(perf_counter() - begun)
        figures.append(_figure(f"{name}: snapshot create", median(taken), CREATE_GOAL))
        begun = perf_counter()
        await project.restore(project.snapshots.get("begun").version, [_changed(files)])
        figures.append(
            _figure(f"{name}: restore of one chapter", perf_counter() - begun, RESTORE_GOAL)
        )
    return figures


class Git:
    """The same work in a git repository."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._run("init", "-q")
        self._commits: list[str] = []

    def commit(self, files: dict[str, str], at_s: int) -> None:
        """Save files, and commit them."""
        for path, text in files.items():
            (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self._folder / path).write_text(text, "utf-8")
        self._run("add", "-A")
        person = ("-c", "user.name=w", "-c", "user.email=w@example.org")
        self._run(*person, "commit", "-q", "--allow-empty", "-m", "s", f"--date=@{at_s}")
        self._commits.append(self._run("rev-parse", "HEAD").strip())

    def log(self) -> None:
        """Who changed what, with word counts as far as git has them."""
        self._run("log", "--word-diff=porcelain", "-p", "--format=%an %ad")

    def show(self, number: int, path: str = "text.md") -> None:
        """A file as it was."""
        self._run("show", f"{self._commits[number - 1]}:{path}")

    def diff(self, old: int, new: int) -> None:
        """Word by word."""
        self._run("diff", "--word-diff=porcelain", self._commits[old - 1], self._commits[new - 1])

    def export(self, number: int, target: Path) -> None:
        """All files as they were."""
        target.mkdir()
        archive = subprocess.run(
            ["git", "archive", self._commits[number - 1]],
            cwd=self._folder, check=True, capture_output=True,
        ).stdout  # fmt: skip
        subprocess.run(["tar", "x", "-C", str(target)], input=archive, check=True)

    def _run(self, *arguments: str) -> str:
        ran = subprocess.run(["git", *arguments], cwd=self._folder, check=True, capture_output=True)
        return ran.stdout.decode("utf-8", "replace")


def _beside(
    what: str,
    ours: Callable[[], None],
    gits: Callable[[], None],
    runs: int,
    goal: float | None = None,
) -> Figure:
    mine, theirs = _median(ours, runs), _median(gits, runs)
    limit = 2 * theirs if goal is None else goal
    said = "≤ 2 × git" if goal is None else f"≤ {ms(goal)}"
    return Figure(what, ms(mine), ms(theirs), said, mine <= limit)


def _goal(what: str, ours: Callable[[], None], goal: float, runs: int) -> Figure:
    return _figure(what, _median(ours, runs), goal)


def _figure(what: str, taken: float, goal: float) -> Figure:
    return Figure(what, ms(taken), "", f"≤ {ms(goal)}", taken <= goal)


def _median(run: Callable[[], None], runs: int) -> float:
    taken = []
    for _ in range(runs):
        begun = perf_counter()
        run()
        taken.append(perf_counter() - begun)
    return median(taken)


def _changed(files: dict[str, str]) -> str:
    return max(files, key=lambda path: len(files[path]))


def _chapter(dice: random.Random) -> str:
    return "".join(f"{_paragraph(dice)}\n\n" for _ in range(12))


def _paragraph(dice: random.Random) -> str:
    words = [
        "salt",
        "road",
        "weigh",
        "noon",
        "Corrow",
        "night",
        "the",
        "a",
        "of",
        "and",
        "gate",
        "river",
        "left",
        "she",
        "he",
        "it",
        "was",
    ]
    return " ".join(dice.choice(words) for _ in range(60)) + "."


if __name__ == "__main__":
    main()
