"""`sakya log`: who wrote what when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.past import inner_path, inside_option

if TYPE_CHECKING:
    from datetime import datetime

    from sakya_sync.cli.output import Output
    from sakya_sync.history.timeline import FileWork, Session

SESSIONS = 20
FILES = 4
DASH = "\u2013"
MINUS = "\u2212"


@click.command(name="log")
@click.argument("path", required=False)
@click.option("--follow/--no-follow", default=True, help="With what the file was called before.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page.")
@click.option("--all", "everything", is_flag=True, help="Every session, not only the last 20.")
@inside_option
@output_options
def command(
    path: str | None,
    follow: bool,
    html: Path | None,
    everything: bool,
    folder: Path,
    output: Output,
) -> None:
    """Show who wrote what when, newest first: the whole project, or one file at PATH."""
    from sakya_sync.client.reading import open_history

    inner = None if path is None else inner_path(path, folder)
    with open_history(folder) as history:
        timeline = history.timeline(inner, follow=follow)
    output.result(
        project=timeline.project,
        words=timeline.words,
        sessions=[_described(session) for session in timeline.sessions],
    )
    if html is not None:
        from sakya_sync.history.page import page

        html.write_text(page(timeline), "utf-8")
        output.say(f"The history of {timeline.project} is in {html}.")
    if html is not None or output.json or output.quiet:
        return
    if inner is None:
        from sakya_sync.cli.chart import chart_here

        output.say(chart_here(timeline))
        output.say()
    shown = timeline.sessions if everything else timeline.sessions[-SESSIONS:]
    day = None
    for session in reversed(shown):
        began = _local(session, session.began_ms)
        if began.date() != day:
            day = began.date()
            output.say(click.style(f"{began:%A %d %B %Y}", bold=True))
        output.say(_sentence(session))
    hidden = len(timeline.sessions) - len(shown)
    if hidden:
        output.say(f"and {hidden} earlier: --all shows them")
    if inner is not None and not timeline.sessions:
        output.say(f"Nothing was ever written in {inner}.")


def _sentence(session: Session) -> str:
    began = f"{_local(session, session.began_ms):%H:%M}"
    ended = f"{_local(session, session.ended_ms):%H:%M}"
    span = began if began == ended else f"{began}{DASH}{ended}"
    added = click.style(f"+{session.added:,}", fg="green")
    removed = click.style(f"{MINUS}{session.removed:,}", fg="red")
    names = [_work(work) for work in session.files]
    more = f" and {len(names) - FILES} more" if len(names) > FILES else ""
    files = ", ".join(names[:FILES])
    return f"  {span:<12} {session.author}  {added} {removed}  {files}{more}{_clock(session)}"


def _work(work: FileWork) -> str:
    if work.old_path is not None:
        return f"{work.old_path} \u2192 {work.path}"
    return work.path if work.did.value == "changed" else f"{work.path} ({work.did.value})"


def _clock(session: Session) -> str:
    minutes = abs(session.clock_behind_seconds) // 60
    side = "behind" if session.clock_behind_seconds > 0 else "ahead"
    return f"  (its clock was {minutes} min {side})" if minutes > 1 else ""


def _local(session: Session, at_ms: int) -> datetime:
    from sakya_sync.history.timeline import local_time

    return local_time(at_ms, session.utc_offset_minutes)


def _described(session: Session) -> dict[str, object]:
    return {
        "author": session.author,
        "began": _local(session, session.began_ms).isoformat(timespec="seconds"),
        "ended": _local(session, session.ended_ms).isoformat(timespec="seconds"),
        "utc_offset_minutes": session.utc_offset_minutes,
        "clock_behind_seconds": session.clock_behind_seconds,
        "added": session.added,
        "removed": session.removed,
        "files": [
            {
                "path": work.path,
                "old_path": work.old_path,
                "did": work.did.value,
                "added": work.added,
                "removed": work.removed,
            }
            for work in session.files
        ],
    }
