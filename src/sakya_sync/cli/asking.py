"""Lines that a person types while other things go on."""

import asyncio
import os
import sys
from contextlib import suppress
from threading import Thread

import click

from sakya_sync.errors import LinkingRefused

_CHUNK_BYTES = 4_096


class Lines:
    """Standard input, line by line; nothing waits for a line that nobody needs any longer."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._reading: Thread | None = None

    async def ask(self, question: str) -> str:
        """Ask on standard error, and wait for an answer. Raises LinkingRefused at the end."""
        if self._reading is None:
            loop = asyncio.get_running_loop()
            # A daemon, which ends with the process even if nobody ever types anything.
            self._reading = Thread(target=self._read, args=(loop,), daemon=True)
            self._reading.start()
        if question and sys.stdin.isatty():
            click.echo(f"{question} ", nl=False, err=True)
        line = await self._lines.get()
        if line is None:
            self._lines.put_nowait(None)
            raise LinkingRefused("nobody answers at this device")
        return line.strip()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Not by way of sys.stdin, whose lock the process would need to end."""
        held = b""
        with suppress(RuntimeError):
            while chunk := os.read(0, _CHUNK_BYTES):
                *lines, held = (held + chunk).split(b"\n")
                for line in lines:
                    loop.call_soon_threadsafe(
                        self._lines.put_nowait, line.decode("utf-8", "replace")
                    )
            if held:
                loop.call_soon_threadsafe(self._lines.put_nowait, held.decode("utf-8", "replace"))
            loop.call_soon_threadsafe(self._lines.put_nowait, None)
