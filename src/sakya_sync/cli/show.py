"""`sakya show`: a file as it was."""

import sys
from pathlib import Path

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.cli.past import inner_path, inside_option
from sakya_sync.errors import FileUnknown


@click.command(name="show")
@click.argument("what", metavar="PATH@{MOMENT}")
@inside_option
@output_options
def command(what: str, folder: Path, output: Output) -> None:
    """Print a file as it was: chapter.md@{yesterday}, chapter.md@SNAPSHOT."""
    from sakya_sync.client.reading import open_history
    from sakya_sync.client.references import resolve_in_file

    with open_history(folder) as history:
        typed, found = resolve_in_file(history, what)
        path = inner_path(typed, folder)
        state = history.file(found.version, path)
        if state is None:
            raise FileUnknown(f"there was no such file at {found.name}", name=path)
        data = state.data
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    output.result(path=path, version=found.name, text=text, bytes=len(data))
    if not output.json:
        # Exactly the bytes, so that it can be piped into a file.
        sys.stdout.buffer.write(data)
