"""`sakya restore`: bring back what was."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.past import do, inner_path, inside_option
from sakya_sync.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sakya_sync.cli.output import Output
    from sakya_sync.client.history import History
    from sakya_sync.client.restoring import Step
    from sakya_sync.history.compare import Block

WORDS = {
    "change": "changes back",
    "return": "comes back",
    "move": "goes back to its old name",
    "remove": "goes away: it is newer",
}


@click.command(name="restore")
@click.argument("version")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("-p", "--paragraph", is_flag=True, help="Ask for each paragraph of one file.")
@click.option("-y", "--yes", is_flag=True, help="Do it without asking.")
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would change.")
@inside_option
@output_options
def command(
    version: str,
    paths: tuple[str, ...],
    paragraph: bool,
    yes: bool,
    dry_run: bool,
    folder: Path,
    output: Output,
) -> None:
    """Bring back the project, or some files or folders, as they were at VERSION.

    VERSION is a snapshot's name, a date, or @{yesterday}, @{2 hours ago} and the like. What will
    change is shown first. What others write meanwhile is merged, and `sakya undo` takes it back.
    """
    from sakya_sync.client.reading import open_history
    from sakya_sync.client.references import resolve
    from sakya_sync.client.restoring import plan_restore

    inner = [inner_path(path, folder) for path in paths]
    with open_history(folder) as history:
        found = resolve(history, version)
        steps = plan_restore(history, found.version, inner)
        chosen = _chosen(history, steps) if paragraph else {}
    plan = [{"does": step.does.value, "path": step.path} for step in steps]
    if not steps:
        output.result(version=found.name, steps=[], done=False)
        output.say(f"Everything is as it was at {found.name} already.")
        return
    if not paragraph:
        output.say(f"To bring back {found.name}:")
        for step in steps:
            output.say(f"  {step.path}  {WORDS[step.does.value]}{_words(step)}")
    if dry_run or (paragraph and not chosen):
        output.result(version=found.name, steps=plan, done=False)
        return
    if not (yes or output.json or paragraph):
        if not sys.stdin.isatty():
            raise UsageError("Say --yes to do it where nobody can be asked.")
        click.confirm("Do it?", abort=True, err=True)
    done = do(
        folder,
        {
            "do": "restore",
            "version": found.version.encode().hex(),
            "name": found.name,
            "paths": list(chosen) or inner,
            "chosen": chosen,
        },
    )
    output.result(version=found.name, steps=done["steps"], done=True)
    count = len(done["steps"])
    output.say(f"Done: {count} file{'s' * (count != 1)}. `sakya undo` takes it back.")


def _words(step: Step) -> str:
    from sakya_sync.history.compare import compare
    from sakya_sync.history.words import layout_of
    from sakya_sync.mapping.content import Eol, Text

    nothing = Text("", Eol.LF, bom=False)
    now = step.now.content if step.now else nothing
    then = step.then.content if step.then else nothing
    if not isinstance(now, Text) or not isinstance(then, Text):
        return ""
    found = compare(now.text, then.text, layout_of(step.path))
    return f"  +{found.words_added} \u2212{found.words_removed} words"


def _chosen(history: History, steps: tuple[Step, ...]) -> dict[str, tuple[str, str]]:
    """Ask which paragraphs of a file are to come back: by path, the new text and what was seen."""
    from sakya_sync.history.compare import compare
    from sakya_sync.history.words import layout_of
    from sakya_sync.mapping.content import Text

    if len(steps) != 1 or steps[0].now is None or steps[0].then is None:
        raise UsageError("--paragraph needs one file that is there now and was there then.")
    (step,) = steps
    assert step.now is not None
    assert step.then is not None
    now, then = step.now.content, step.then.content
    if not isinstance(now, Text) or not isinstance(then, Text):
        raise UsageError("--paragraph needs a text.")
    seen = history.past(step.now.entry.file).document.frontier()
    comparison = compare(now.text, then.text, layout_of(step.path))
    text = "".join(_asked(block) for block in comparison.blocks)
    return {} if text == now.text else {step.path: (text, seen.hex())}


def _asked(block: Block) -> str:
    """What stands there afterwards: the paragraph of then if it is wanted, else that of now."""
    from sakya_sync.history.compare import BlockKind
    from sakya_sync.history.spans import SpanKind

    now = "".join(span.text for span in block.spans if span.kind is not SpanKind.ADDED)
    then = "".join(span.text for span in block.spans if span.kind is not SpanKind.REMOVED)
    match block.kind:
        case BlockKind.SAME | BlockKind.RESPACED | BlockKind.LEFT:
            # What only stands elsewhere now is left there.
            return now
        case BlockKind.MOVED:
            return ""
    shown = "".join(
        click.style(span.text, fg="red", strikethrough=True)
        if span.kind is SpanKind.REMOVED
        else click.style(span.text, fg="green", underline=True)
        if span.kind is SpanKind.ADDED
        else span.text
        for span in block.spans
    )
    click.echo(f"\n{shown.strip()}\n", err=True)
    wanted = click.confirm("Bring this paragraph back as it was?", default=False, err=True)
    return then if wanted else now
