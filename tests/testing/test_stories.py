"""A fixed set of worlds of every story; `python -m sakya_sync.testing` goes on with others."""

import subprocess
import sys

import pytest

from sakya_sync.testing.__main__ import main
from sakya_sync.testing.stories import STORIES
from sakya_sync.testing.world import World, run_world

WORLDS = 60
EACH = 10


@pytest.mark.parametrize("first", range(10_000, 10_000 + WORLDS, EACH))
@pytest.mark.parametrize("story", sorted(STORIES))
def test_worlds_end_well(story: str, first: int) -> None:
    for seed in range(first, first + EACH):
        run_world(seed, STORIES[story], story)


def test_the_command_runs_one_seed_again() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "sakya_sync.testing", "--story", "documents", "--seed", "5"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("1 worlds, 0 with a bug; ")


def test_the_command_says_how_to_see_a_bug_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(world: World) -> None:
        world.complain("that may not be")

    monkeypatch.setattr("sakya_sync.testing.__main__.STORIES", {"broken": broken})
    assert main(["--seed", "7"]) == 1
    shown = capsys.readouterr().out
    assert "again: uv run python -m sakya_sync.testing --story broken --seed 7" in shown
