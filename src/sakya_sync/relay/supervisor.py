"""What a relay tells systemd: that it is ready, alive, and stopping. See sd_notify(3)."""

import asyncio
import os
import socket
from collections.abc import Mapping


class Supervisor:
    """Says nothing where nobody asked for it."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        self._address = given.get("NOTIFY_SOCKET", "")
        watched = given.get("WATCHDOG_USEC", "")
        self._alive_seconds = int(watched) / 2_000_000 if watched.isdigit() else 0.0

    def tell(self, state: str) -> None:
        """One of systemd's words, as READY=1."""
        if not self._address:
            return
        # An address that begins with @ is a name without a file.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as end:
            end.sendto(state.encode(), address)

    async def keep_telling(self) -> None:
        """That the event loop turns, for as long as it does."""
        while self._alive_seconds:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(self._alive_seconds)
