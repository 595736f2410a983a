import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def measured(*arguments: str) -> list[str]:
    """The rows of a bench's table."""
    ran = subprocess.run(
        [sys.executable, "-m", *arguments, "--runs", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    rows = [line for line in ran.stdout.splitlines() if line.startswith("| ")]
    assert all(row.count("|") == 6 for row in rows)
    return rows


def test_the_bench_measures_every_row_of_its_table() -> None:
    assert len(measured("bench", "--copies", "1")) == 8


def test_the_history_is_measured_in_every_row_of_its_table() -> None:
    assert len(measured("bench.history", "--chapters", "25")) == 11
