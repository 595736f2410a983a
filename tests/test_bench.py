import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_bench_measures_every_row_of_its_table() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--runs", "1", "--copies", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    rows = [line for line in ran.stdout.splitlines() if line.startswith("| ")]
    assert len(rows) == 8
    assert all(row.count("|") == 6 for row in rows)
