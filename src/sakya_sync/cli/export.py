"""`sakya export`: the bytes of any moment, in a folder or a zip file."""

from pathlib import Path

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.cli.past import inside_option


@click.command(name="export")
@click.argument("version")
@click.argument("target", type=click.Path(path_type=Path))
@inside_option
@output_options
def command(version: str, target: Path, folder: Path, output: Output) -> None:
    """Write the project as it was at VERSION into TARGET: a new folder, or a .zip file.

    VERSION is a snapshot's name, a date, or @{yesterday}, @{2 hours ago} and the like.
    """
    from sakya_sync.client.exporting import export_folder, export_zip
    from sakya_sync.client.reading import open_history
    from sakya_sync.client.references import resolve

    with open_history(folder) as history:
        found = resolve(history, version)
        files = history.files(found.version).values()
        if target.suffix.lower() == ".zip":
            export_zip(files, target, found.at_ms)
        else:
            export_folder(files, target)
        count = len(files)
    output.result(version=found.name, target=str(target.absolute()), files=count)
    output.say(f"{count} file{'s' * (count != 1)} of {found.name} in {target}.")
