"""`sakya approve`: what was held because so much was taken away at once is meant."""

import asyncio
from contextlib import suppress
from pathlib import Path

import click

from sakya_sync.cli.options import folder_argument, output_options
from sakya_sync.cli.output import Output
from sakya_sync.cli.past import do
from sakya_sync.cli.sync import sync_once
from sakya_sync.errors import DeviceBusy


@click.command(name="approve")
@folder_argument(required=False)
@output_options
def command(folder: Path, output: Output) -> None:
    """Delete everywhere what is gone from FOLDER, though it is much at once.

    The text of a deleted file stays in the project's history.
    """
    paths = do(folder, {"do": "approve"})["paths"]
    if not paths:
        output.say("Nothing is held.")
    else:
        output.say(f"Approved: {len(paths)} file{'s' * (len(paths) != 1)}.")
        # Where another process keeps the folder in sync, that one sends it.
        with suppress(DeviceBusy):
            asyncio.run(sync_once(folder, output))
    output.result(approved=paths)
