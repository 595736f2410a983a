"""The person who sits at two devices that are being linked, and looks from one to the other."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sakya_sync.client.person import Approval
from sakya_sync.errors import LocalFault
from sakya_sync.linking.messages import Hello
from sakya_sync.ports import Connector, Transport


@dataclass
class Eyes:
    """What was seen on either device, for whoever waits for it."""

    seen: dict[str, asyncio.Queue[str]] = field(default_factory=dict)

    def see(self, what: str, text: str) -> None:
        self.seen.setdefault(what, asyncio.Queue()).put_nowait(text)

    async def wait(self, what: str) -> str:
        async with asyncio.timeout(20):
            return await self.seen.setdefault(what, asyncio.Queue()).get()


@dataclass
class Sitting:
    """One end of it, as `client.linking` asks for a person."""

    eyes: Eyes
    steps: list[str] = field(default_factory=list)
    hellos: list[Hello] = field(default_factory=list)
    approval: Approval | None = field(default_factory=Approval)
    typed: Callable[[str], str] = lambda digits: digits
    before_approval: Callable[[], Awaitable[None]] | None = None
    fails_at: str = ""
    shown: str = ""
    code: str = ""
    digits: str = ""

    def show_text(self, text: str) -> None:
        self.shown = text
        self.eyes.see("text", text)

    def show_code(self, code: str) -> None:
        self.code = code
        self.eyes.see("code", code)

    def show_check_code(self, digits: str) -> None:
        self.digits = digits
        for _ in range(3):
            self.eyes.see("digits", digits)

    async def ask_check_code(self, tries: int) -> str:
        return self.typed(await self.eyes.wait("digits"))

    async def ask_approval(self, hello: Hello) -> Approval | None:
        self.hellos.append(hello)
        if self.before_approval is not None:
            await self.before_approval()
        return self.approval

    def told(self, step: str) -> None:
        if step == self.fails_at:
            raise LocalFault("the power is gone")
        self.steps.append(step)


class CutConnector:
    """Real connections that can be cut."""

    def __init__(self, connector: Connector) -> None:
        self.connections = 0
        self._connector = connector
        self._transport: Transport | None = None

    async def connect(self, url: str) -> Transport:
        """Open a connection. Raises RelayUnreachable."""
        self._transport = await self._connector.connect(url)
        self.connections += 1
        return self._transport

    async def cut(self) -> None:
        """Break the one there is."""
        assert self._transport is not None
        await self._transport.close(1001, "cut")
