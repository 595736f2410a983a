"""Options that every command shares."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sakya_sync.cli.output import Output

Command = Callable[..., Any]

_QUIET = "sakya_sync.quiet"


def _output(ctx: click.Context, param: click.Parameter, value: bool) -> Output:
    return Output(json=value, quiet=bool(ctx.meta.get(_QUIET)))


def _quiet(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    ctx.meta[_QUIET] = value


def output_options(command: Command) -> Command:
    """Add --json and --quiet; the command receives an `output`."""
    command = click.option(
        "--json", "output", is_flag=True, callback=_output, help="Print JSON, for programs."
    )(command)
    return click.option(
        "-q",
        "--quiet",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_quiet,
        help="Print less.",
    )(command)


def folder_argument(*, required: bool) -> Callable[[Command], Command]:
    """Add FOLDER; where it is optional it defaults to the current folder."""
    return click.argument(
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        required=required,
        default=None if required else Path(),
    )


def invitation_option(command: Command) -> Command:
    """Add --invitation WORD."""
    return click.option(
        "--invitation",
        metavar="WORD",
        envvar="SAKYA_INVITATION",
        help="What the relay's operator gave you, if it asks for one.",
    )(command)


def relay_option(command: Command) -> Command:
    """Add --relay URL."""
    return click.option(
        "--relay", "relay_url", required=True, metavar="URL", help="The relay: ws://HOST:PORT."
    )(command)
