"""`sakya snapshot`: moments of a project that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.past import do, inside_option, wall_time

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sakya_sync.cli.output import Output
    from sakya_sync.client.history import History
    from sakya_sync.history.snapshots import Snapshot


@click.group(name="snapshot")
def command() -> None:
    """Give a moment of the project a name, and find it again on every device."""


@command.command(name="create")
@click.argument("name")
@click.option("-m", "--message", default="", help="What you want to remember about it.")
@inside_option
@output_options
def create(name: str, message: str, folder: Path, output: Output) -> None:
    """Call what is in the folder now NAME."""
    made = do(folder, {"do": "create", "name": name, "message": message})
    output.result(**made)
    output.say(f"{made['name']}: {_held(made['files'], made['chapters'], made['words'])}.")


@command.command(name="list")
@click.option("--all", "everything", is_flag=True, help="With those made before each restore.")
@inside_option
@output_options
def list_(everything: bool, folder: Path, output: Output) -> None:
    """List the snapshots, newest first."""
    from sakya_sync.client.reading import open_history
    from sakya_sync.history.snapshots import Kind

    with open_history(folder) as history:
        held = history.snapshots()
        shown = [item for item in held if everything or item.kind is Kind.NAMED]
        output.result(snapshots=[_described(item, history) for item in shown])
        if output.json:
            return
        if not shown:
            output.say("No snapshots yet. Make one with `sakya snapshot create NAME`.")
        for item in shown:
            faint = item.kind is Kind.SAFETY
            output.say(click.style(item.name, bold=not faint, dim=faint))
            output.say(f"  {_when(item)}  {_counted(item)}  by {history.name_of(item.author)}")
            if item.message:
                output.say(f"  {item.message}")
        hidden = len(held) - len(shown)
        if hidden:
            output.say(f"and {hidden} safety snapshot{'s' * (hidden != 1)}: --all shows them")


@command.command(name="show")
@click.argument("name")
@inside_option
@output_options
def show(name: str, folder: Path, output: Output) -> None:
    """Show what a snapshot holds."""
    from sakya_sync.client.reading import open_history
    from sakya_sync.client.references import find_snapshot

    with open_history(folder) as history:
        snapshot = find_snapshot(history.snapshots(), name)
        complete = not history.missing(snapshot.version)
        files = sorted(history.files(snapshot.version)) if complete else []
        output.result(**_described(snapshot, history), complete=complete, paths=files)
        output.say(click.style(snapshot.name, bold=True))
        output.say(f"  {_when(snapshot)}  by {history.name_of(snapshot.author)}")
        output.say(f"  {_counted(snapshot)}  id {snapshot.id}")
        if snapshot.message:
            output.say(f"  {snapshot.message}")
        for path in files:
            output.say(f"    {path}")
        if not complete:
            output.say("  Parts of it have not come to this device yet: run `sakya sync`.")


@command.command(name="rename")
@click.argument("name")
@click.argument("new")
@inside_option
@output_options
def rename(name: str, new: str, folder: Path, output: Output) -> None:
    """Give a snapshot another name."""
    renamed = do(folder, {"do": "rename", "name": name, "new": new})
    output.result(**renamed)
    output.say(f"{name} is called {renamed['name']} now.")


@command.command(name="delete")
@click.argument("name")
@inside_option
@output_options
def delete(name: str, folder: Path, output: Output) -> None:
    """Forget a snapshot's name; nothing that was written is lost by it."""
    removed = do(folder, {"do": "remove", "name": name})
    output.result(**removed)
    output.say(f"{removed['name']} is no longer named. What was written stays in the history.")


def _described(item: Snapshot, history: History) -> dict[str, object]:
    return {
        "id": item.id,
        "name": item.name,
        "message": item.message,
        "kind": item.kind.value,
        "time": _time(item).isoformat(timespec="seconds"),
        "author": history.name_of(item.author),
        "files": item.counts.files,
        "chapters": item.counts.chapters,
        "words": item.counts.words,
    }


def _counted(item: Snapshot) -> str:
    counts = item.counts
    return _held(counts.files, counts.chapters, counts.words)


def _held(files: int, chapters: int, words: int) -> str:
    from sakya_sync.history.phrases import counted

    parts = ((files, "file"), (chapters, "chapter"), (words, "word"))
    return ", ".join(counted(count, what) for count, what in parts)


def _time(item: Snapshot) -> datetime:
    return wall_time(item.at_ms, item.utc_offset_minutes)


def _when(item: Snapshot) -> str:
    return f"{_time(item):%Y-%m-%d %H:%M}"
