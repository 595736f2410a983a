"""`sakya join`: bring a project of an account to this device."""

import asyncio
import sys
from pathlib import Path

import click

from sakya_sync.cli.options import folder_argument, output_options
from sakya_sync.cli.output import Output, described
from sakya_sync.client.home import Home
from sakya_sync.errors import AccountPresent, UsageError
from sakya_sync.ids import encode_id

WORDS_BYTES_MAX = 4_096


@click.command(name="join")
@folder_argument(required=True)
@click.argument("code", nargs=-1)
@click.option(
    "--relay", "relay_url", metavar="URL", help="The relay, where the code does not name it."
)
@click.option(
    "--picture",
    "seen",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A picture of the code that `sakya device link` shows.",
)
@click.option("--show", is_flag=True, help="Show a code here, for `sakya device link --follow`.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --show, put the picture into FILE as well: PNG, or SVG by its name.",
)
@click.option("--light", is_flag=True, help="The terminal is dark on light, and has no colours.")
@click.option("--name", metavar="NAME", help="What to call this device.")
@click.option("--recovery", is_flag=True, help="Come in with the 24 words of the recovery kit.")
@click.option("--project", "project_name", metavar="NAME", help="Which project of the account.")
@output_options
def command(
    folder: Path,
    code: tuple[str, ...],
    relay_url: str | None,
    seen: Path | None,
    show: bool,
    save: Path | None,
    light: bool,
    name: str | None,
    recovery: bool,
    project_name: str | None,
    output: Output,
) -> None:
    """Bring a project of your account to FOLDER on this device.

    A new device is linked first. CODE is what `sakya device link` shows on another device of
    yours: the text under its picture, or the words that it shows with --code. It is asked for
    where it is left out.

    The words of the recovery kit are asked for, and not shown while you type; where there is no
    terminal they are read from standard input.
    """
    from sakya_sync.client.addresses import relay_address
    from sakya_sync.client.founding import refuse_project
    from sakya_sync.client.linking import account_relay
    from sakya_sync.client.project import Project, SyncReport
    from sakya_sync.client.recovering import join_by_recovery, join_known

    home = Home.default()
    url = None if relay_url is None else relay_address(relay_url)
    if sum((recovery, show, seen is not None, bool(code))) > 1:
        raise UsageError("Give one of CODE, --picture, --show and --recovery.")
    if recovery:
        if url is None:
            raise UsageError("Say which relay with --relay.")
        joined = asyncio.run(join_by_recovery(folder, url, _read_words(), project_name, home=home))
    else:
        refuse_project(folder, home)
        if not home.vault.exists():
            url = _link(home, output, " ".join(code), url, seen, save, name, show=show, light=light)
        elif code or show or seen is not None:
            raise AccountPresent
        url = account_relay(home) if url is None else url
        joined = asyncio.run(join_known(folder, url, project_name, home=home))

    async def download() -> SyncReport:
        async with Project.open(folder, home=home, watch=False) as project:
            with output.progress("Fetching") as progress:
                return await project.sync(progress=progress)

    report = asyncio.run(download())
    output.result(
        project=encode_id(joined.subject),
        name=joined.name,
        folder=str(folder.absolute()),
        relay=url,
        files=report.files,
        attention=described(report.attention),
    )
    output.say(
        f"{joined.name} is here: {report.files} file{'s' * (report.files != 1)} in {folder}."
    )
    output.attention(report.attention)


def _link(
    home: Home,
    output: Output,
    typed: str,
    url: str | None,
    seen: Path | None,
    save: Path | None,
    name: str | None,
    *,
    show: bool,
    light: bool,
) -> str:
    """Make this a device of the account; the relay's URL."""
    from sakya_sync.cli.asking import Lines
    from sakya_sync.cli.sitting import Sitting
    from sakya_sync.client.newcomer import join_by_link
    from sakya_sync.client.person import Show, read_way

    async def run() -> str:
        lines = Lines()
        sitting = Sitting(output, lines, new=True, picture=save, light=light)
        if show:
            return await join_by_link(Show(), sitting, home=home, relay_url=url, name=name)
        text = typed
        if seen is not None:
            from sakya_sync.cli.pictures import read

            text = read(seen)
        if not text:
            output.note("Run `sakya device link` on a device that has your account.")
            text = await lines.ask("Paste the text it shows, or type the code:")
        return await join_by_link(read_way(text), sitting, home=home, relay_url=url, name=name)

    linked = asyncio.run(run())
    output.result(event="linked", relay=linked)
    output.say("This device belongs to your account now.")
    return linked


def _read_words() -> str:
    if sys.stdin.isatty():
        words: str = click.prompt("The 24 words of your recovery kit", hide_input=True, err=True)
        return words
    return sys.stdin.read(WORDS_BYTES_MAX)
