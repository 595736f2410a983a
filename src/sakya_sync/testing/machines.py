"""Machines of a world: one that a relay runs on, and those that people write on."""

from __future__ import annotations

import asyncio
import io
import ssl
from abc import ABC, abstractmethod
from random import Random
from typing import TYPE_CHECKING, Final

import structlog

from sakya_sync.client.documents import Documents
from sakya_sync.client.home import Home
from sakya_sync.client.ports import Ports
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.errors import SakyaError
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.seal.recovery import words
from sakya_sync.testing.clock import VirtualClock
from sakya_sync.testing.dice import Dice
from sakya_sync.testing.disk import DiskFaults, VirtualDisk
from sakya_sync.testing.process import Process, ProcessDied

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sakya_sync.client.documents import SealedDocument
    from sakya_sync.relay.connection import RelayTransport
    from sakya_sync.testing.network import Listening
    from sakya_sync.testing.world import World

PROJECT: Final = "cellar"
DOCUMENT: Final = "wines"
RETRY_SECONDS: Final = 1.0
RETRY_SECONDS_MAX: Final = 30.0


class Machine(ABC):
    """A disk, a clock, and at most one program at a time."""

    def __init__(self, world: World, name: str, *, clock_rate: float = 1.0) -> None:
        self.world = world
        self.name = name
        self.faults = DiskFaults()
        self.disk = VirtualDisk(world.loop, Dice(world.seed, "disk", name), self.faults)
        self.clock = VirtualClock(world.loop, clock_rate)
        self.directory: Path = world.directory / name
        self.directory.mkdir()
        self.process: Process | None = None
        self.runs = 0
        self.entropy = Dice(world.seed, "entropy", name, 0)
        self._power_lost = False
        self._burial: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._main: asyncio.Task[None] | None = None
        world.witness.disks[name] = self.disk

    @property
    def running(self) -> bool:
        """Whether its program is at work."""
        return self.process is not None and self.process.alive

    async def start(self, *, dies_before: int | None = None) -> None:
        """Start its program, if it does not run."""
        if self.running:
            return
        await self.buried()
        self.runs += 1
        self.entropy = Dice(self.world.seed, "entropy", self.name, self.runs)
        self._stopping = asyncio.Event()
        process = Process(self.name, self.world.loop, self.world.trace, dies_before=dies_before)
        process.at_death.append(lambda: self._died(process))
        self.process = process
        self.world.trace.note(self.name, f"starts, run {self.runs}")
        self._main = process.start(self.main())

    @abstractmethod
    async def main(self) -> None:
        """Its program."""

    async def stop(self) -> None:
        """Have the program end by itself."""
        if not self.running or self._main is None or self.process is None:
            return
        self._stopping.set()
        await asyncio.wait([self._main])
        left = await self.process.unwind()
        if self.process.alive and left:
            self.world.complain(f"{self.name} has ended, and left at work: {', '.join(left)}")
        self.process.alive = False
        self.disk.close_connections()
        self.process = None

    def crash(self, *, power_cut: bool = False) -> None:
        """End the program now; with a power cut, what the disk had not synced is gone as well."""
        if self.process is None or not self.process.alive:
            return
        self.world.trace.note(self.name, "loses power" if power_cut else "is killed")
        self._power_lost = power_cut
        self.process.die()

    async def buried(self) -> None:
        """Wait until nothing is left of a program that died."""
        if self._burial is not None:
            await self._burial

    async def _bury(self, process: Process) -> None:
        """Let a dead program's code come to its end, so that another can start."""
        left = await process.unwind()
        if left:
            self.world.complain(f"{self.name} does not die: {', '.join(left)}")
        if self._power_lost:
            self.disk.power_cut()
        else:
            self.disk.close_connections()
        self._power_lost = False
        self.process = None

    def _died(self, process: Process) -> None:
        self.world.network.cut_off(process, silent=self._power_lost)
        self._burial = self.world.begin(self._bury(process))


class RelayMachine(Machine):
    """A relay."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.url = f"ws://{name}:7450"
        self.log = io.StringIO()
        self._spread = Random(world.seed)  # noqa: S311  # not for secrets
        self.relay: Relay | None = None
        world.witness.relays[name] = None

    async def main(self) -> None:
        """Serve until told to stop."""
        config = RelayConfig(self.name, 7450, self.directory, self.url)
        while not self._stopping.is_set():
            try:
                async with Relay(
                    config,
                    clock=self.clock,
                    log=_log(self.log),
                    disk=self.disk,
                    listen=self._listen,
                    dice=self._spread,
                ) as self.relay:
                    await self._stopping.wait()
            except SakyaError as error:
                self.world.trace.note(self.name, f"cannot serve: {error.code}")
                await self.clock.sleep(RETRY_SECONDS)

    async def _listen(
        self,
        host: str,
        port: int,
        opened: Callable[[RelayTransport], None],
        *,
        tls: ssl.SSLContext | None,
    ) -> Listening:
        assert port
        assert tls is None
        return await self.world.network.listen(self.url, host, opened)


class DocumentsMachine(Machine):
    """An app that keeps one Loro document of a project open."""

    def __init__(
        self, world: World, name: str, relay: RelayMachine, *, clock_rate: float = 1.0
    ) -> None:
        super().__init__(world, name, clock_rate=clock_rate)
        self.home = Home(self.directory, self.disk, keyring=False)
        self.relay = relay
        self.words: str | None = None
        """The kit of the account that it is to join."""
        self.documents: Documents | None = None
        self.document: SealedDocument | None = None
        self.opened = asyncio.Event()

    async def main(self) -> None:
        """Keep the document open until told to stop."""
        ports = Ports(self.clock, self.entropy, self.world.network.connector(self.name))
        wait = RETRY_SECONDS
        while not self._stopping.is_set():
            try:
                async with Documents.open(
                    PROJECT, relay=self.relay.url, home=self.home, ports=ports, words=self.words
                ) as documents:
                    document = await documents.document(DOCUMENT)
                    self.documents, self.document = documents, document
                    self.opened.set()
                    wait = RETRY_SECONDS
                    await self._stopping.wait()
            except SakyaError as error:
                self.world.trace.note(self.name, f"cannot go on: {error.code}")
                await self.clock.sleep(wait)
                wait = min(2 * wait, RETRY_SECONDS_MAX)
            finally:
                self.documents = self.document = None
                self.opened.clear()

    def kit(self) -> str:
        """The words of the kit that this machine drew for its account."""
        entropy = open_vault(self.home).recovery
        assert entropy is not None
        return words(entropy)

    async def synced(self, timeout_seconds: float) -> bool:
        """Whether it becomes as the relay is, in that time."""
        deadline = self.world.loop.time() + timeout_seconds
        while self.world.loop.time() < deadline:
            process, documents = self.process, self.documents
            if process is not None and process.alive and documents is not None:
                waiting = process.start(documents.wait_synced(deadline - self.world.loop.time()))
                try:
                    await waiting
                except (SakyaError, ProcessDied, asyncio.CancelledError) as error:
                    self.world.trace.note(self.name, f"not synced: {type(error).__name__}")
                else:
                    return True
            await asyncio.sleep(RETRY_SECONDS)
        return False


def _log(file: io.StringIO) -> structlog.typing.FilteringBoundLogger:
    log: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(file),
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(20),
    )
    return log
