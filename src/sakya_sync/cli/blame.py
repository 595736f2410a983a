"""`sakya blame`: who wrote each paragraph, and when."""

from datetime import datetime
from pathlib import Path

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.cli.past import inner_path, inside_option, wall_time
from sakya_sync.errors import FileUnknown

SHOWN_CHARACTERS = 60


@click.command(name="blame")
@click.argument("path")
@inside_option
@output_options
def command(path: str, folder: Path, output: Output) -> None:
    """Show, paragraph by paragraph, who wrote a file and when."""
    from sakya_sync.client.reading import open_history
    from sakya_sync.history.blame import AuthoredRun, Blamed, blame
    from sakya_sync.history.words import layout_of

    inner = inner_path(path, folder)
    with open_history(folder) as history:
        pieces = history.blame(inner)
    if pieces is None:
        raise FileUnknown("the project has no such text", name=inner)
    runs = [AuthoredRun(piece.of.author, piece.of.at_s * 1000, piece.text) for piece in pieces]
    offsets = {piece.of.at_s * 1000: piece.of.utc_offset_minutes for piece in pieces}

    def last(item: Blamed) -> datetime:
        return wall_time(item.last.last_ms, offsets.get(item.last.last_ms, 0))

    found = blame(runs, layout_of(inner))
    output.result(
        path=inner,
        paragraphs=[
            {
                "line": item.line,
                "text": item.text,
                "author": item.author,
                "last_author": item.last.author,
                "last_time": last(item).isoformat(timespec="seconds"),
                "shares": [
                    {"author": share.author, "words": share.words, "part": round(share.part, 4)}
                    for share in item.shares
                ],
            }
            for item in found
        ],
    )
    width = max((len(item.author) for item in found), default=0)
    for item in found:
        at = last(item)
        shown = " ".join(item.text.split())
        if len(shown) > SHOWN_CHARACTERS:
            shown = f"{shown[: SHOWN_CHARACTERS - 1]}\u2026"
        output.say(f"{at:%Y-%m-%d %H:%M}  {item.author:<{width}}  {shown}")
