"""`sakya init`: start keeping a folder in sync."""

import asyncio
from pathlib import Path

import click

from sakya_sync.cli.options import folder_argument, invitation_option, output_options, relay_option
from sakya_sync.cli.output import Output, described
from sakya_sync.client.home import Home
from sakya_sync.errors import RelayUnreachable
from sakya_sync.ids import encode_id


@click.command(name="init")
@folder_argument(required=True)
@relay_option
@click.option("--name", metavar="NAME", help="The project's name; the folder's, if left out.")
@invitation_option
@output_options
def command(
    folder: Path, relay_url: str, name: str | None, invitation: str | None, output: Output
) -> None:
    """Start keeping FOLDER in sync through a relay.

    The first time, this also makes your account, whose recovery kit is 24 words: see
    `sakya recovery show`.
    """
    from sakya_sync.client.founding import found_project
    from sakya_sync.client.invitation import keep_invitation, read_invitation
    from sakya_sync.client.project import Project, SyncReport

    home = Home.default()
    invited = None if invitation is None else read_invitation(invitation)
    founded = found_project(folder, relay_url, name, home=home)
    if invited is not None:
        keep_invitation(home, invited)

    async def upload() -> SyncReport:
        async with Project.open(folder, home=home, watch=False) as project:
            with output.progress("Sending") as progress:
                return await project.sync(progress=progress)

    unsent: RelayUnreachable | None = None
    try:
        report = asyncio.run(upload())
    except RelayUnreachable as error:
        unsent = error
    if unsent is not None:
        output.note(f"{founded.name} is set up on this device; nothing has been sent yet.")
        raise unsent
    output.result(
        project=encode_id(founded.subject),
        name=founded.name,
        folder=str(folder.absolute()),
        relay=relay_url,
        files=report.files,
        new_account=founded.new_account,
        attention=described(report.attention),
    )
    output.say(
        f"{founded.name} is in sync: {report.files} file{'s' * (report.files != 1)}, sealed, "
        f"at {relay_url}."
    )
    output.attention(report.attention)
    if founded.new_account:
        output.say()
        output.say("Write your recovery kit down now. It is the only way back into your account")
        output.say("when every device is lost, and how another device joins:")
        output.say("    sakya recovery show")
