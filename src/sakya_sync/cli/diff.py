"""`sakya diff`: what changed, word by word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.past import inner_path, inside_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sakya_sync.cli.output import Output
    from sakya_sync.client.history import FileState
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
    from sakya_sync.history.compare import compared_files

    with open_history(folder) as history:
        versions, path = _arguments(what, folder, history)
        old = resolve(history, versions[0]) if versions else newest(history)
        before = history.files(old.version)
        if len(versions) > 1:
            new = resolve(history, versions[1])
            after, name = history.files(new.version), new.name
        else:
            after, name = history.folder_files(), "now"
        found = compared_files(before, after)
    if path is not None:
        found = [item for item in found if path in (item.old_path, item.new_path)]
    output.result(
        old=old.name, new=name, files=[_described(item) for item in found]
    )
    if html is not None:
        from sakya_sync.history.comparison_page import page

        html.write_text(page(found, old.name, name), "utf-8")
        output.say(f"{len(found)} changed files in {html}.")
    elif not output.json:
        from sakya_sync.cli.comparison import show

        show(found, old.name, name)
