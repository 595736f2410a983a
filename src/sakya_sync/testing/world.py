"""One simulated world: everything in it follows from its seed."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sakya_sync.errors import SakyaError
from sakya_sync.ports import TransportClosed
from sakya_sync.testing.dice import Dice
from sakya_sync.testing.loop import Stalled, VirtualLoop
from sakya_sync.testing.network import Network, Weather
from sakya_sync.testing.process import Process, ProcessDied, follow_tasks
from sakya_sync.testing.trace import Trace
from sakya_sync.testing.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sakya_sync.testing.machines import Machine

TRACE_LINES_SHOWN: Final = 30
EVENTS_MAX: Final = 20_000
AGAIN: Final = "uv run python -m sakya_sync.testing"
_EXPECTED = (SakyaError, ProcessDied, TransportClosed)


Tale: TypeAlias = "Callable[[World], Coroutine[Any, Any, None]]"
"""A story: what happens in a world."""


class Violation(AssertionError):
    """What may not be has happened."""


class World:
    """Make machines in it, and `run` a story."""

    def __init__(self, seed: int, directory: Path) -> None:
        """Args: directory: empty; vaults and locks lie there, while databases are in memory."""
        self.seed = seed
        self.directory = directory
        self.loop = VirtualLoop()
        self.dice = Dice(seed, "story")
        self.trace = Trace(self.loop.time)
        self.network = Network(self.loop, Dice(seed, "network"), Weather())
        self.witness = Witness(self.complain)
        self.network.tap = self.witness
        self.machines: dict[str, Machine] = {}
        self.complaints: list[str] = []
        self._context = copy_context()
        follow_tasks(self.loop, self._task_failed)

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Have something done that is no program's."""
        return self.loop.create_task(work, context=self._context.copy())

    def add(self, machine: Machine) -> None:
        """A machine takes part."""
        self.machines[machine.name] = machine

    def complain(self, what: str) -> None:
        """What may not be has happened."""
        self.trace.note("!", what)
        self.complaints.append(what)

    def check(self) -> None:
        """Raise Violation, if there was any complaint."""
        if len(self.trace.lines) > EVENTS_MAX:
            self.complain("it never comes to rest")
        if self.complaints:
            raise Violation(self.complaints[0])

    def run(self, story: Coroutine[Any, Any, None]) -> None:
        """Run a story to its end, then end the world. Raises Violation."""
        try:
            self.loop.run_until_complete(story)
            self.check()
        except Stalled as stalled:
            self.complain(f"the world stands still: {stalled}")
        finally:
            self._end()
        self.check()

    def _task_failed(self, process: Process | None, error: BaseException) -> None:
        if process is not None and not isinstance(error, _EXPECTED):
            self.complain(f"{process.name} fails with {type(error).__name__}: {error}")

    def _end(self) -> None:
        for machine in self.machines.values():
            machine.crash()
        try:
            self.loop.run_until_complete(self._unwind())
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        except Stalled as stalled:
            self.complain(f"the world does not end: {stalled}")
        finally:
            self.loop.close()
            for machine in self.machines.values():
                machine.disk.close()

    async def _unwind(self) -> None:
        for machine in self.machines.values():
            await machine.buried()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def run_world(seed: int, tale: Tale, name: str = "") -> World:
    """Run a story in a fresh world; Violation tells the world's last moments.

    Args: name: what `--story` calls it, so that Violation can say how to run it again.
    """
    with TemporaryDirectory(prefix="sakya-world-") as directory:
        world = World(seed, Path(directory))
        try:
            world.run(tale(world))
        except Violation as violation:
            moments = world.trace.last(TRACE_LINES_SHOWN)
            again = f"\nagain: {AGAIN} --story {name} --seed {seed}" if name else ""
            raise Violation(f"{violation}{again}\n\n{moments}") from None
        return world
