"""`sakya watch`: keep a folder in sync until told to stop."""

import asyncio
import signal
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from sakya_sync.cli.options import folder_argument, output_options
from sakya_sync.cli.output import Output


@click.command(name="watch")
@folder_argument(required=False)
@output_options
def command(folder: Path, output: Output) -> None:
    """Keep FOLDER in sync until you press Ctrl-C."""
    asyncio.run(_watch(folder, output))


async def _watch(folder: Path, output: Output) -> None:
    from sakya_sync.client.project import Project

    async with Project.open(folder) as project:
        output.say(f"Watching {folder.absolute()}. Press Ctrl-C to stop.")
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            # Windows' event loop takes no signal handlers; there Ctrl-C cancels the task.
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(name, stop.set)
        telling = asyncio.create_task(_tell(project, output))
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait((telling, stopping), return_when=asyncio.FIRST_COMPLETED)
        for task in (telling, stopping):
            if task not in done:
                task.cancel()
        if telling in done:
            telling.result()
    output.say("Stopped. What you write from now on is sent when you sync or watch again.")


async def _tell(project: "object", output: Output) -> None:
    from sakya_sync.client.project import Project

    assert isinstance(project, Project)
    async for event in project.events():
        now = datetime.now().astimezone()
        output.result(time=now.isoformat(timespec="milliseconds"), **event.describe())
        output.say(f"{now:%H:%M:%S}  {event.sentence()}")
