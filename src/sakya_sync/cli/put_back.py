"""`sakya put-back`: what was held because so much was taken away at once was not meant."""

from pathlib import Path

import click

from sakya_sync.cli.options import folder_argument, output_options
from sakya_sync.cli.output import SHOWN_MAX, Output
from sakya_sync.cli.past import do


@click.command(name="put-back")
@folder_argument(required=False)
@output_options
def command(folder: Path, output: Output) -> None:
    """Bring back to FOLDER what is gone from it, where `sakya sync` has held that.

    Works without the relay. A file that had lost most of its text goes into the trash before its
    text comes back.
    """
    paths = do(folder, {"do": "put-back"})["paths"]
    output.result(put_back=paths)
    if not paths:
        output.say("Nothing is held.")
        return
    output.say(f"{len(paths)} file{'s are' if len(paths) != 1 else ' is'} back:")
    for path in paths[:SHOWN_MAX]:
        output.say(f"  {path}")
    if len(paths) > SHOWN_MAX:
        output.say(f"  and {len(paths) - SHOWN_MAX} more")
