"""`sakya relay`: run a relay."""

import asyncio
import gc
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sakya_sync.cli.config import command as config_command
from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.cli.settings import data_option, loaded, settings_options
from sakya_sync.cli.upkeep import COMMANDS as UPKEEP
from sakya_sync.ids import encode_id

if TYPE_CHECKING:
    from sakya_sync.relay.config import RelayConfig


GARBAGE = (50_000, 20, 100)
DAY_MS = 24 * 60 * 60 * 1000


@click.group(name="relay")
def command() -> None:
    """Run a relay."""


command.add_command(config_command)
for upkeep_command in UPKEEP:
    command.add_command(upkeep_command)


@command.command()
@click.option("--uses", type=click.IntRange(1), default=1, show_default=True, metavar="COUNT")
@click.option("--days", type=click.IntRange(1), default=7, show_default=True, metavar="COUNT")
@data_option
@output_options
def invite(data: Path, uses: int, days: int, output: Output) -> None:
    """Print an invitation to begin an account, for a relay with --registration invitation."""
    from sakya_sync.access.payload import INVITATION_BYTES
    from sakya_sync.relay.registrar import invitation_digest
    from sakya_sync.store.relay.invitations import add_invitation
    from sakya_sync.system import SystemClock, SystemEntropy

    invitation = SystemEntropy().bytes(INVITATION_BYTES)
    expires_ms = SystemClock().wall_ms() + days * DAY_MS
    add_invitation(data, invitation_digest(invitation), uses, expires_ms)
    word = encode_id(invitation)
    output.result(invitation=word, uses=uses, days=days)
    output.say(word)


@command.command()
@settings_options
@output_options
def serve(output: Output, **flags: Any) -> None:
    """Store and forward what devices seal. A relay can read none of it."""
    asyncio.run(_serve(loaded(flags).settings.config(), output))


async def _serve(config: "RelayConfig", output: Output) -> None:
    from sakya_sync.relay.server import Relay
    from sakya_sync.relay.supervisor import Supervisor
    from sakya_sync.system import SystemClock

    # What is under way looks like garbage to be found, and each search goes through all that a
    # relay holds: by default that takes as long as everything else.
    gc.set_threshold(*GARBAGE)
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
        supervisor = Supervisor()
        supervisor.tell("READY=1")
        living = asyncio.create_task(supervisor.keep_telling())
        await stop.wait()
        living.cancel()
        supervisor.tell("STOPPING=1")
    output.say("Relay stopped.")
