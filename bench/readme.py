"""The tables in the README, and what they say of where they were measured."""

import os
import platform
import re
import subprocess
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def put(block: str, shown: str) -> None:
    """Put a table where the README has its block."""
    text = README.read_text("utf-8")
    begin, end = f"<!-- {block} -->", f"<!-- /{block} -->"
    pattern = f"{re.escape(begin)}.*{re.escape(end)}"
    assert re.search(pattern, text, flags=re.DOTALL), block
    text = re.sub(pattern, lambda _: f"{begin}\n{shown}\n{end}", text, flags=re.DOTALL)
    README.write_text(text, "utf-8")


def machine() -> str:
    """What it was measured on."""
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"


def commit() -> str:
    """What was measured."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            capture_output=True, text=True, check=True, cwd=README.parent,
        ).stdout.strip()  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "no commit"
    return f"commit {found}"
