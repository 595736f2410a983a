"""`sakya put-back`: what was held because so much was taken away at once was not meant."""

import asyncio
from pathlib import Path

import click

from sakya_sync.cli.options import folder_argument, output_options
from sakya_sync.cli.output import SHOWN_MAX, Output


@click.command(name="put-back")
@folder_argument(required=False)
@output_options
def command(folder: Path, output: Output) -> None:
    """Bring back to FOLDER what is gone from it, where `sakya sync` has held that.

    Works without the relay. A file that had lost most of its text goes into the trash before its
    text comes back.
    """
    from sakya_sync.client.project import Project

    async def run() -> tuple[str, ...]:
        async with Project.open(folder, watch=False) as project:
            return await project.put_back()

    paths = asyncio.run(run())
    output.result(put_back=list(paths))
    if not paths:
        output.say("Nothing is held.")
        return
    output.say(f"{len(paths)} file{'s are' if len(paths) != 1 else ' is'} back:")
    for path in paths[:SHOWN_MAX]:
        output.say(f"  {path}")
    if len(paths) > SHOWN_MAX:
        output.say(f"  and {len(paths) - SHOWN_MAX} more")
