"""`sakya relay`: run a relay."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.errors import AddressInvalid


@click.group(name="relay")
def command() -> None:
    """Run a relay."""


@command.command()
@click.option("--listen", required=True, metavar="HOST:PORT", help="Where to listen.")
@click.option(
    "--data",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to keep everything; one directory is all there is to back up.",
)
@click.option(
    "--public-url",
    metavar="URL",
    help="What devices call this relay; ws://HOST:PORT if left out. Tickets are made out to it.",
)
@output_options
def serve(listen: str, data: Path, public_url: str | None, output: Output) -> None:
    """Store and forward what devices seal. A relay can read none of it."""
    host, port = _address(listen)
    asyncio.run(_serve(host, port, data, public_url, output))


async def _serve(host: str, port: int, data: Path, url: str | None, output: Output) -> None:
    from sakya_sync.relay.config import RelayConfig
    from sakya_sync.relay.server import Relay
    from sakya_sync.system import SystemClock

    config = RelayConfig(host=host, port=port, data=data, public_url=url)
    async with Relay(config, clock=SystemClock()) as relay:
        output.result(url=relay.url, data=str(data.absolute()))
        output.say(f"Relay for {relay.url}; everything is kept in {data}. Press Ctrl-C to stop.")
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await stop.wait()
    output.say("Relay stopped.")


def _address(listen: str) -> tuple[str, int]:
    host, separator, port = listen.rpartition(":")
    if not separator or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise AddressInvalid(address=listen)
    return host.strip("[]"), int(port)
