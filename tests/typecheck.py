"""What the type checker says of a file."""

import subprocess
import sys
from pathlib import Path


def check_types(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Check a program under mypy --strict, in an empty folder."""
    (folder / "program.py").write_text(text, "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "program.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
