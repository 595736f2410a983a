"""`sakya recovery`: the words that bring an account back."""

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.client.home import Home
from sakya_sync.errors import RecoveryKitElsewhere

COLUMNS = 4


@click.group(name="recovery")
def command() -> None:
    """The words that bring your account back."""


@command.command()
@output_options
def show(output: Output) -> None:
    """Show the 24 words of your recovery kit.

    Whoever has them has your account: write them on paper, and keep them from everybody.
    """
    from sakya_sync.client.vaultfile import open_vault
    from sakya_sync.seal.recovery import words

    contents = open_vault(Home.default())
    if contents.recovery is None:
        raise RecoveryKitElsewhere
    kit = words(contents.recovery).split()
    output.result(words=" ".join(kit))
    if output.json:
        return
    output.note("Your recovery kit. Write it on paper; whoever has it has your account.")
    rows = len(kit) // COLUMNS
    for row in range(rows):
        numbers = range(row, len(kit), rows)
        click.echo("  ".join(f"{number + 1:2}. {kit[number]:<10}" for number in numbers).rstrip())
