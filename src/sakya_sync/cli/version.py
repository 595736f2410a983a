"""`sakya version`."""

from importlib.metadata import version

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output


@click.command(name="version")
@output_options
def command(output: Output) -> None:
    """Show the version."""
    number = version("sakya-sync")
    output.result(version=number)
    output.say(f"sakya-sync {number}")
