"""`sakya relay`: run a relay."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sakya_sync.cli.config import command as config_command
from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.cli.settings import loaded, settings_options

if TYPE_CHECKING:
    from sakya_sync.relay.config import RelayConfig


@click.group(name="relay")
def command() -> None:
    """Run a relay."""


command.add_command(config_command)


@command.command()
@settings_options
@output_options
def serve(output: Output, **flags: Any) -> None:
    """Store and forward what devices seal. A relay can read none of it."""
    asyncio.run(_serve(loaded(flags).settings.config(), output))


async def _serve(config: "RelayConfig", output: Output) -> None:
    from sakya_sync.relay.server import Relay
    from sakya_sync.system import SystemClock

    async with Relay(config, clock=SystemClock()) as relay:
        data = Path(config.data)
        output.result(url=relay.url, data=str(data.absolute()))
        output.say(f"Relay for {relay.url}; everything is kept in {data}. Press Ctrl-C to stop.")
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(name, stop.set)
        with suppress(NotImplementedError, AttributeError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, relay.reload)
        await stop.wait()
    output.say("Relay stopped.")
