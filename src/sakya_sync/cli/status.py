"""`sakya status`: what is in sync and what is waiting, in a moment, with or without the relay."""

from datetime import UTC, datetime
from pathlib import Path

import click

from sakya_sync.cli.options import folder_argument, output_options
from sakya_sync.cli.output import SHOWN_MAX, Output, described
from sakya_sync.client.home import Home
from sakya_sync.client.summary import Summary, summarize


@click.command(name="status")
@folder_argument(required=False)
@output_options
def command(folder: Path, output: Output) -> None:
    """Show what is in sync and what is waiting, without asking the relay."""
    summary = summarize(folder, Home.default())
    synced = summary.synced_ms
    output.result(
        project=summary.project,
        name=summary.name,
        folder=str(summary.folder),
        relay=summary.relay,
        files=summary.files,
        changed=list(summary.changed),
        waiting=summary.waiting,
        last_in_sync=None if synced is None else _time(synced).isoformat(timespec="seconds"),
        busy=summary.busy,
        attention=described(summary.attention),
        held=list(summary.held),
    )
    if not output.json:
        _show(summary, output)


def _show(summary: Summary, output: Output) -> None:
    output.say(click.style(summary.name, bold=True) + f"  {summary.folder}")
    output.say(f"  relay      {summary.relay}")
    output.say(f"  files      {summary.files}")
    output.say(f"  in sync    {_when(summary.synced_ms)}")
    if summary.busy:
        output.say("  right now  another sakya process keeps it in sync")
    changed = [path for path in summary.changed if path not in summary.held]
    _list(output, "changed here since", [(path, "") for path in changed])
    if summary.waiting:
        output.say(f"  {summary.waiting} part{'s' * (summary.waiting != 1)} not yet at the relay")
    others = [entry for entry in summary.attention if entry[0] not in summary.held]
    _list(output, "needs a look", others)
    _list(output, "gone or almost empty, and held", [(path, "") for path in summary.held])
    if summary.held:
        output.say("Run `sakya approve` if that is meant, or `sakya put-back` to have it back.")
    if changed or summary.waiting:
        output.say("Run `sakya sync` to send what is waiting.")


def _list(output: Output, title: str, entries: list[tuple[str, str]]) -> None:
    if not entries:
        return
    output.say(f"  {title}:")
    for path, reason in entries[:SHOWN_MAX]:
        output.say(f"    {path}" + (f"  {reason}" if reason else ""))
    if len(entries) > SHOWN_MAX:
        output.say(f"    and {len(entries) - SHOWN_MAX} more (--json lists all)")


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone()


def _when(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "not yet"
    seconds = max(0.0, (datetime.now(UTC) - _time(milliseconds)).total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' * (count != 1)} ago"
    return "a moment ago"
