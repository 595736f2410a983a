"""`sakya join`: bring a project of an account to this device."""

import asyncio
import sys
from pathlib import Path

import click

from sakya_sync.cli.options import folder_argument, output_options, relay_option
from sakya_sync.cli.output import Output, described
from sakya_sync.client.home import Home, encode_id
from sakya_sync.errors import UsageError

WORDS_BYTES_MAX = 4_096


@click.command(name="join")
@folder_argument(required=True)
@relay_option
@click.option("--recovery", is_flag=True, help="Come in with the 24 words of the recovery kit.")
@click.option("--project", "project_name", metavar="NAME", help="Which project of the account.")
@output_options
def command(
    folder: Path, relay_url: str, recovery: bool, project_name: str | None, output: Output
) -> None:
    """Bring a project of your account to FOLDER on this device.

    The words are asked for, and not shown while you type; where there is no terminal they are read
    from standard input.
    """
    from sakya_sync.client.project import Project, SyncReport
    from sakya_sync.client.recovering import join_by_recovery, join_known

    home = Home.default()
    if recovery:
        joined = asyncio.run(
            join_by_recovery(folder, relay_url, _read_words(), project_name, home=home)
        )
    elif home.vault.exists():
        joined = asyncio.run(join_known(folder, relay_url, project_name, home=home))
    else:
        raise UsageError("A new device joins with --recovery and the words of the recovery kit.")

    async def download() -> SyncReport:
        async with Project.open(folder, home=home, watch=False) as project:
            with output.progress("Fetching") as progress:
                return await project.sync(progress=progress)

    report = asyncio.run(download())
    output.result(
        project=encode_id(joined.subject),
        name=joined.name,
        folder=str(folder.absolute()),
        relay=relay_url,
        files=report.files,
        attention=described(report.attention),
    )
    output.say(
        f"{joined.name} is here: {report.files} file{'s' * (report.files != 1)} in {folder}."
    )
    output.attention(report.attention)


def _read_words() -> str:
    if sys.stdin.isatty():
        words: str = click.prompt("The 24 words of your recovery kit", hide_input=True, err=True)
        return words
    return sys.stdin.read(WORDS_BYTES_MAX)
