"""`sakya diff`: what changed, word by word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.past import inner_path, inside_option
from sakya_sync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sakya_sync.cli.output import Output
    from sakya_sync.client.filestate import FileState
    from sakya_sync.client.history import History
    from sakya_sync.history.compare import FileComparison


@click.command(name="diff")
@click.argument("what", nargs=-1, metavar="[A] [B] [PATH]")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page.")
@inside_option
@output_options
def command(what: tuple[str, ...], html: Path | None, folder: Path, output: Output) -> None:
    """Show what changed between A and B, word by word.

    A and B are snapshots' names, dates, or @{yesterday}, @{2 hours ago} and the like. Without B:
    what is in the folder now. Without A: the newest snapshot, or else yesterday.
    """
    from sakya_sync.client.reading import open_history
    from sakya_sync.client.references import newest, resolve

    with open_history(folder) as history:
        versions, path = _arguments(what, folder, history)
        old = resolve(history, versions[0]) if versions else newest(history)
        before = history.files(old.version)
        if len(versions) > 1:
            new = resolve(history, versions[1])
            after, name = history.files(new.version), new.name
        else:
            after, name = history.folder_files(), "now"
        project = history.project
    found = [
        item
        for item in _compared(before, after)
        if path is None or path in (item.old_path, item.new_path)
    ]
    output.result(old=old.name, new=name, files=[_described(item) for item in found])
    if html is not None:
        from sakya_sync.history.comparison_page import comparison_page

        html.write_text(comparison_page(project, old.name, name, found), "utf-8")
        output.say(f"{len(found)} changed file{'s' * (len(found) != 1)} in {html}.")
    elif not output.json:
        from sakya_sync.cli.comparison import Screen, comparison_lines

        if not found:
            output.say(f"Nothing differs between {old.name} and {name}.")
        for line in comparison_lines(found, Screen.present()):
            output.say(line)


def _arguments(
    what: tuple[str, ...], folder: Path, history: History
) -> tuple[list[str], str | None]:
    """Up to two versions, then perhaps a path: of a file that ever was, or is in the folder."""
    from sakya_sync.client.references import resolve

    versions = list(what)
    if len(versions) > 3:
        raise UsageError("That is too much: two versions and a path are compared at most.")
    if not versions:
        return [], None
    try:
        resolve(history, versions[-1])
    except UsageError:
        path = inner_path(versions[-1], folder)
        if len(versions) < 3 and not history.ever_called(path):
            raise
        return versions[:-1], path
    if len(versions) == 3:
        return versions[:2], inner_path(versions[2], folder)
    return versions, None


def _compared(
    before: Mapping[str, FileState], after: Mapping[str, FileState]
) -> list[FileComparison]:
    from sakya_sync.client.filestate import side_by_side
    from sakya_sync.history.compare import FileComparison, compare
    from sakya_sync.history.words import layout_of
    from sakya_sync.mapping.content import Eol, Text

    nothing = Text("", Eol.LF, bom=False)
    found: list[FileComparison] = []
    for was, now in side_by_side(before, after):
        old_path = None if was is None else was.path
        new_path = None if now is None else now.path
        then = nothing if was is None else was.content
        here = nothing if now is None else now.content
        if (old_path, then) == (new_path, here):
            continue
        comparison = None
        if isinstance(then, Text) and isinstance(here, Text):
            comparison = compare(then.text, here.text, layout_of(new_path or old_path or ""))
        found.append(FileComparison(old_path, new_path, comparison))
    return sorted(found, key=lambda item: item.path)


def _described(item: FileComparison) -> dict[str, object]:
    found = item.comparison
    return {
        "path": item.path,
        "old_path": item.old_path,
        "new_path": item.new_path,
        "added": None if found is None else found.words_added,
        "removed": None if found is None else found.words_removed,
        "moved_paragraphs": None if found is None else found.paragraphs_moved,
        "blocks": None
        if found is None
        else [
            {
                "kind": block.kind.value,
                "spans": [{"kind": span.kind.value, "text": span.text} for span in block.spans],
            }
            for block in found.blocks
            if block.kind.value != "same"
        ],
    }
