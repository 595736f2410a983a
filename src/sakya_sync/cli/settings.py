"""A relay's settings as options of a command."""

import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import click

from sakya_sync.relay.settings import CONFIG_FILE, Loaded, Settings, load, setting_name

Command = Callable[..., Any]


def settings_options(command: Command) -> Command:
    """Add an option for each setting, and --config; the command receives them by name."""
    kinds = get_type_hints(Settings)
    for item in reversed(fields(Settings)):
        kind = kinds[item.name]
        many = get_origin(kind) is tuple
        is_flag = kind is bool
        choices = [choice for choice in get_args(kind) if isinstance(choice, str)]
        command = click.option(
            f"--{setting_name(item)}",
            item.name,
            metavar=None if is_flag else item.metadata["shape"],
            type=click.Choice(choices) if choices else int if kind is int else str,
            multiple=many,
            is_flag=is_flag,
            default=None,
            help=item.metadata["help"],
        )(command)
    return click.option(
        "--config",
        CONFIG_FILE,
        metavar="FILE",
        help="A TOML file with settings; flags and SAKYA_* come before it.",
    )(command)


def data_option(command: Command) -> Command:
    """Add --data DIR, for what works on a relay's records without serving them."""
    return click.option(
        "--data",
        required=True,
        envvar="SAKYA_DATA",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where the relay keeps everything.",
    )(command)


def loaded(flags: dict[str, Any]) -> Loaded:
    """What the flags, the environment and the file say together. Raises SettingInvalid."""
    return load(flags, os.environ)
