"""`sakya device`: link your devices to each other."""

import asyncio
from pathlib import Path

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.client.home import Home
from sakya_sync.errors import UsageError


@click.group(name="device")
def command() -> None:
    """Link your devices to each other."""


@command.command()
@click.option("--code", "typed", is_flag=True, help="Show a code to be typed, not a picture.")
@click.option("--follow", "text", metavar="TEXT", help="Follow the text that a new device shows.")
@click.option(
    "--picture",
    "seen",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Follow a picture of what a new device shows.",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Put the picture into FILE as well: PNG, or SVG by its name.",
)
@click.option("--light", is_flag=True, help="The terminal is dark on light, and has no colours.")
@click.option("--name", metavar="NAME", help="What to call the new device.")
@click.option("--full", is_flag=True, help="Let it link and remove devices, too.")
@output_options
def link(
    typed: bool,
    text: str | None,
    seen: Path | None,
    save: Path | None,
    light: bool,
    name: str | None,
    full: bool,
    output: Output,
) -> None:
    """Bring a new device into your account.

    This device shows a picture and a text; the new one takes either of them with `sakya join
    FOLDER`. Nothing is handed over before you have approved it here.
    """
    from sakya_sync.access.power import Power
    from sakya_sync.cli.asking import Lines
    from sakya_sync.cli.sitting import Sitting
    from sakya_sync.client.linking import link_device
    from sakya_sync.client.person import Follow, Show, Type, Way

    if sum((typed, text is not None, seen is not None)) > 1:
        raise UsageError("Give one of --code, --follow and --picture.")
    way: Way = Type() if typed else Show()
    if seen is not None:
        from sakya_sync.cli.pictures import read

        text = read(seen)
    if text is not None:
        output.note("Only follow what a device in your own hands shows.")
        way = Follow(text)

    async def run() -> str:
        sitting = Sitting(output, Lines(), new=False, name=name, picture=save, light=light)
        power = Power.ADMIN if full else Power.WRITE
        return await link_device(way, sitting, home=Home.default(), power=power)

    linked = asyncio.run(run())
    output.result(event="linked", name=linked)
    output.say(f"{linked} belongs to your account now, and has the keys of all of your projects.")
