"""The person at this terminal, or the program that speaks for one, while a device is linked."""

import sys
from pathlib import Path
from typing import Final

import click

from sakya_sync.cli.asking import Lines
from sakya_sync.cli.output import Output
from sakya_sync.client.person import Approval
from sakya_sync.linking.messages import Hello

YES: Final = ("yes", "y")
STEPS: Final = {
    "crowded": "Somebody else tried to use this code. They were kept out; link again if in doubt.",
    "approved": "Approved.",
    "registered": "The relay knows the new device.",
    "sealed": "Its keys are sealed to it.",
}


class Sitting:
    """See the module. A program gets one object a line, and answers with lines."""

    def __init__(
        self,
        output: Output,
        lines: Lines,
        *,
        new: bool,
        name: str | None = None,
        picture: Path | None = None,
        light: bool = False,
    ) -> None:
        """
        Args:
            new: whether this is the new device.
            name: what to call the other device.
            picture: a file to put the picture into as well.
            light: whether the terminal is dark on light.
        """
        self._output = output
        self._lines = lines
        self._other = "device that has your account" if new else "new device"
        self._command = "sakya device link --follow" if new else "sakya join FOLDER"
        self._name = name
        self._picture = picture
        self._light = light

    def show_text(self, text: str) -> None:
        """As a picture and as text."""
        from sakya_sync.cli.pictures import in_terminal, save

        if self._picture is not None:
            save(text, self._picture)
        self._output.result(event="show", text=text)
        if self._output.json:
            return
        colour = sys.stdout.isatty() and click.get_current_context().color is not False
        # This is what the command is for, so that --quiet leaves it.
        click.echo(in_terminal(text, colour=colour, light=self._light), color=colour)
        click.echo(text)
        self._output.say(
            f"On the {self._other}, give this picture or text to `{self._command}` within two "
            "minutes."
        )
        self._output.say("It is for your own devices: nobody else ever needs it.")

    def show_code(self, code: str) -> None:
        """To be typed on the new device."""
        self._output.result(event="code", code=code)
        if not self._output.json:
            click.echo(click.style(code, bold=True))
        self._output.say(
            f"Type this on the {self._other}, with `{self._command} --relay URL`, within two "
            "minutes."
        )
        self._output.say("It is for your own devices: nobody else ever needs it.")

    def show_check_code(self, digits: str) -> None:
        """To be typed on the other device."""
        self._output.result(event="check-code", digits=digits)
        if not self._output.json:
            click.echo(f"Type these six digits on the {self._other}: " + digits)

    async def ask_check_code(self, tries: int) -> str:
        """The six digits that the other device shows."""
        self._output.result(event="ask-check-code", tries=tries)
        if tries == 1:
            self._output.note("Once more and no more.")
        return await self._lines.ask(f"The six digits that the {self._other} shows:")

    async def ask_approval(self, hello: Hello) -> Approval | None:
        """Whether the new device is to belong to the account."""
        self._output.result(
            event="ask-approval", name=hello.name, platform=hello.platform, version=hello.version
        )
        self._output.note(f'"{hello.name}" ({hello.platform}) asks to belong to your account.')
        self._output.note("It will be able to read and change all of your projects.")
        answer = await self._lines.ask("Do you hold it in your hands? Type yes to link it:")
        return Approval(self._name) if answer.lower() in YES else None

    def told(self, step: str) -> None:
        """Something has come about."""
        self._output.result(event=step)
        if step == "crowded":
            self._output.note(STEPS[step])
        else:
            self._output.say(STEPS[step])
