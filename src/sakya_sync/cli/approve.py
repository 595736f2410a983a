"""`sakya approve`: what was held because so much was taken away at once is meant."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sakya_sync.cli.options import folder_argument, output_options
from sakya_sync.cli.output import Output
from sakya_sync.cli.sync import show

if TYPE_CHECKING:
    from sakya_sync.client.project import SyncReport


@click.command(name="approve")
@folder_argument(required=False)
@output_options
def command(folder: Path, output: Output) -> None:
    """Delete everywhere what is gone from FOLDER, though it is much at once.

    The text of a deleted file stays in the project's history.
    """
    from sakya_sync.client.project import Project

    async def run() -> "SyncReport | None":
        async with Project.open(folder, watch=False) as project:
            if not project.held:
                return None
            approved = await project.approve()
            with output.progress("Syncing") as progress:
                report = await project.sync(progress=progress)
            return replace(report, sent=report.sent | set(approved))

    report = asyncio.run(run())
    if report is None:
        output.say("Nothing is held.")
        output.result(held=[])
    else:
        show(report, output)
