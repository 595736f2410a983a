"""`sakya sync`: once, until everything is the same everywhere."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sakya_sync.cli.options import folder_argument, invitation_option, output_options
from sakya_sync.cli.output import Output, described
from sakya_sync.client.home import Home
from sakya_sync.errors import AttentionNeeded, DeletionHeld

if TYPE_CHECKING:
    from sakya_sync.client.project import SyncReport

SYNC_SECONDS = 60.0


@click.command(name="sync")
@folder_argument(required=False)
@click.option(
    "--timeout",
    "timeout_seconds",
    type=click.FloatRange(min=0.1),
    default=SYNC_SECONDS,
    show_default=True,
    help="Seconds without any progress after which to give up.",
)
@invitation_option
@output_options
def command(folder: Path, timeout_seconds: float, invitation: str | None, output: Output) -> None:
    """Sync FOLDER once, until it is the same as everywhere else."""
    if invitation is not None:
        from sakya_sync.client.invitation import keep_invitation, read_invitation

        keep_invitation(Home.default(), read_invitation(invitation))
    show(asyncio.run(sync_once(folder, output, timeout_seconds)), output)


async def sync_once(
    folder: Path, output: Output, timeout_seconds: float = SYNC_SECONDS
) -> "SyncReport":
    """Sync with a progress bar. Raises as `Project.sync` does."""
    from sakya_sync.client.project import Project

    async with Project.open(folder, watch=False) as project:
        with output.progress("Syncing") as progress:
            return await project.sync(timeout_seconds=timeout_seconds, progress=progress)


def show(report: "SyncReport", output: Output) -> None:
    """Print what a sync did; raises or exits with 3 when something needs a look."""
    from sakya_sync.client.events import held_words

    fields: dict[str, object] = {
        "files": report.files,
        "sent": sorted(report.sent),
        "received": sorted(report.received),
        "attention": described(report.attention),
        "held": list(report.held),
    }
    output.say(_sentence(report.sent, report.received, report.files))
    if not report.attention:
        output.result(**fields)
        return
    needed = (
        DeletionHeld(held_words(report.held))
        if report.held
        else AttentionNeeded(_attention(report.attention))
    )
    if not output.json:
        raise needed
    # One object for programs: what was done, and what needs a look.
    output.error(needed, **fields)
    click.get_current_context().exit(needed.exit_status)


def _sentence(sent: frozenset[str], received: frozenset[str], files: int) -> str:
    if not sent and not received:
        return f"In sync: {files} file{'s' * (files != 1)}, nothing had changed."
    parts = []
    if sent:
        parts.append(f"{len(sent)} sent")
    if received:
        parts.append(f"{len(received)} received")
    return f"In sync: {files} file{'s' * (files != 1)}, {', '.join(parts)}."


def _attention(entries: tuple[tuple[str, str], ...]) -> str:
    path, reason = entries[0]
    more = f", and {len(entries) - 1} more" if len(entries) > 1 else ""
    return f"{path}: {reason}{more}"
