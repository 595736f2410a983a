"""The `sakya` command: finds the subcommand, and turns what went wrong into words and a status."""

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from sakya_sync.cli.output import Output
from sakya_sync.errors import SakyaError, UsageError

# A command's module is imported only when it runs, so that `status` starts at once.
COMMANDS = (
    ("init", "Start keeping a folder in sync."),
    ("join", "Bring a project of your account to this device."),
    ("sync", "Sync once, until everything is the same everywhere."),
    ("watch", "Keep a folder in sync until you press Ctrl-C."),
    ("status", "Show what is in sync and what is waiting."),
    ("approve", "Delete elsewhere, too, what was held because it is much."),
    ("put-back", "Bring back what was held because it is much."),
    ("log", "Who wrote what when, in sessions."),
    ("diff", "What changed, word by word."),
    ("show", "A file as it was."),
    ("blame", "Who wrote each paragraph, and when."),
    ("snapshot", "Give a moment of the project a name."),
    ("restore", "Bring back what was; `undo` takes that back."),
    ("undo", "Take back the last restore."),
    ("export", "Write out the project as it was."),
    ("device", "Link your devices to each other."),
    ("recovery", "The words that bring your account back."),
    ("relay", "Run a relay."),
    ("config", "Show the settings of a relay."),
    ("demo", "See two devices sync through a relay, in a few seconds."),
    ("version", "Show the version."),
)

INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group that imports a command's module only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, _ in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in dict(COMMANDS):
            return None
        module = import_module(f"sakya_sync.cli.{cmd_name.replace('-', '_')}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def sakya() -> None:
    """Keep a writing project the same on all of your devices.

    What you wrote merges, word by word, through a relay that can read none of it.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; nothing escapes but a bug."""
    # Before parsing: a mistyped option must also be answered in JSON where JSON was asked for.
    output = Output(json="--json" in arguments)
    try:
        status = sakya.main(args=list(arguments), prog_name="sakya", standalone_mode=False)
    except SakyaError as error:
        output.error(error)
        return error.exit_status
    except click.UsageError as error:
        usage = UsageError(error.format_message())
        if not output.json and error.ctx is not None:
            click.echo(error.ctx.get_usage(), err=True)
        output.error(usage)
        return usage.exit_status
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`sakya … | head`); what it wanted, it has.
        return 0
    return status if isinstance(status, int) else 0


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(sys.argv[1:]))
