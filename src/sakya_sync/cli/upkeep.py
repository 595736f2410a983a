"""`sakya relay backup`, `restore`, `check`, `gc`, `stats`: what an operator does now and then."""

from dataclasses import asdict
from pathlib import Path

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import SHOWN_MAX, Output
from sakya_sync.cli.settings import data_option
from sakya_sync.errors import DeviceBusy, RelayBusy, RelayHurt

_DIRECTORY = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("target", metavar="BACKUP", type=_DIRECTORY)
@data_option
@output_options
def backup(data: Path, target: Path, output: Output) -> None:
    """Copy all that the relay keeps into a new directory BACKUP, while it goes on."""
    from sakya_sync.store.relay.upkeep import back_up

    files = back_up(data, target)
    output.result(files=[str(path) for path in files])
    output.say(f"Everything in {data} is in {target} as well.")


@click.command()
@click.argument("source", metavar="BACKUP", type=_DIRECTORY)
@data_option
@output_options
def restore(data: Path, source: Path, output: Output) -> None:
    """Put a BACKUP in the place of data that is not there any more."""
    from sakya_sync.store.relay.upkeep import restore as put_back

    files = put_back(source, data)
    output.result(files=[str(path) for path in files])
    output.say(f"{data} is as it was when {source} was made. Devices send what they wrote since.")


@click.command()
@data_option
@output_options
def check(data: Path, output: Output) -> None:
    """Verify every stored record: its form, its place in its chain, its signature."""
    from sakya_sync.relay.check import check as look

    report = look(data)
    hurt = [{"room": item.room, "reason": item.reason} for item in report.hurt]
    if not hurt:
        output.result(rooms=report.rooms, records=report.records, hurt=hurt)
        output.say(f"All is well: {report.records} records in {report.rooms} rooms.")
        return
    for item in report.hurt[:SHOWN_MAX]:
        output.note(f"  {item.room or 'everything'}: {item.reason}")
    if len(hurt) > SHOWN_MAX:
        output.note(f"  and {len(hurt) - SHOWN_MAX} more: see --json")
    error = RelayHurt(f"{len(hurt)} of {report.rooms} rooms are damaged")
    output.error(error, rooms=report.rooms, records=report.records, hurt=hurt)
    click.get_current_context().exit(error.exit_status)


@click.command()
@click.option(
    "--compact", is_flag=True, help="Give free space back to the disk; the relay must not run."
)
@data_option
@output_options
def gc(data: Path, compact: bool, output: Output) -> None:
    """Throw away used tickets and invitations whose time is over."""
    from contextlib import ExitStack

    from sakya_sync.files.lock import ProcessLock
    from sakya_sync.relay.config import LOCK
    from sakya_sync.store.relay.upkeep import collect
    from sakya_sync.system import SystemClock

    with ExitStack() as held:
        if compact:
            try:
                held.enter_context(ProcessLock(data / LOCK, data))
            except DeviceBusy as error:
                raise RelayBusy(data=data, pid=error.details["pid"]) from None
        found = collect(data, SystemClock().wall_ms(), compact=compact)
    output.result(**asdict(found))
    output.say(
        f"Threw away {found.nonces} used tickets and {found.invitations} invitations; "
        f"{found.freed_bytes} bytes smaller."
    )


@click.command()
@data_option
@output_options
def stats(data: Path, output: Output) -> None:
    """Say how much the relay keeps; nobody is named."""
    from sakya_sync.store.relay.upkeep import totals

    found = totals(data)
    output.result(**asdict(found))
    for name, value in asdict(found).items():
        output.say(f"{name.replace('_', ' '):<15} {value:>15,}")


COMMANDS = (backup, restore, check, gc, stats)
