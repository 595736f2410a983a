"""What the commands share that look at a project's history, or change something by it."""

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import click

from sakya_sync.errors import DeviceBusy, FileUnknown

Command = Callable[..., Any]

LATEST_S: Final = 253_402_000_000
"""In the year 9999, after which there are no dates."""


def inside_option(command: Command) -> Command:
    """Add -C FOLDER: which project; the one that the current folder is in, if left out."""
    return click.option(
        "-C",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(),
        metavar="FOLDER",
        help="The project's folder; the one you are in, if left out.",
    )(command)


def inner_path(path: str, folder: Path) -> str:
    """A path as a person types it, as the project has it. Raises FileUnknown.

    Found from the current folder when that lies in the project, else from the project's.
    """
    from sakya_sync.client.home import Home, project_of

    root = project_of(folder, Home.default()).folder
    start = Path.cwd() if Path.cwd().is_relative_to(root) else root
    absolute = Path(os.path.normpath(start / path))
    if not absolute.is_relative_to(root):
        raise FileUnknown("it is not in the project", name=path)
    return absolute.relative_to(root).as_posix()


def wall_time(at_ms: int, utc_offset_minutes: int) -> datetime:
    """The time on the wall where something was written; others may have written any time there."""
    zone = timezone(timedelta(minutes=max(-1439, min(1439, utc_offset_minutes))))
    seconds = max(0, min(at_ms // 1000, LATEST_S))
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone)


def do(folder: Path, errand: dict[str, Any]) -> dict[str, Any]:
    """Do something in a project, or have it done by the process that keeps it in sync."""
    from sakya_sync.client.control import ask
    from sakya_sync.client.errands import Errands
    from sakya_sync.client.home import Home, project_of
    from sakya_sync.client.project import Project

    async def here() -> dict[str, Any]:
        async with Project.open(folder, watch=False) as project:
            return await Errands(project).run(errand)

    try:
        return asyncio.run(here())
    except DeviceBusy as busy:
        return ask(project_of(folder, Home.default()).state, errand, busy)
