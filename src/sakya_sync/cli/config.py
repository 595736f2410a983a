"""`sakya config`: what a relay is told, and by whom."""

from json import dumps
from typing import Any

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.cli.settings import loaded, settings_options


@click.group(name="config")
def command() -> None:
    """Look at a relay's settings."""


@command.command()
@click.option("--origin", is_flag=True, help="Say for each where it was set.")
@settings_options
@output_options
def show(origin: bool, output: Output, **flags: Any) -> None:
    """Show the settings that `sakya relay serve` would run with, as its file spells them."""
    found = loaded(flags)
    found.settings.config()
    output.result(
        settings={item.name: item.value for item in found.shown},
        origins={item.name: item.origin for item in found.shown},
    )
    for item in found.shown:
        line = f"{item.name} = {dumps(item.value, ensure_ascii=False)}"
        if item.value is None:
            line = f"# {item.name} is not set"
        output.say(f"{line}  # {item.origin}" if origin else line)
