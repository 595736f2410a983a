"""`sakya undo`: take back the last restore."""

from pathlib import Path

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.cli.past import do, inside_option


@click.command(name="undo")
@inside_option
@output_options
def command(folder: Path, output: Output) -> None:
    """Take back the last restore, or the last undo; what was written since stays."""
    undone = do(folder, {"do": "undo"})
    output.result(**undone)
    files = undone["files"]
    output.say(f"Undone: {files} file{'s' * (files != 1)} as {undone['name']}.")
