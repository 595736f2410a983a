"""A program at work on a simulated machine, which can die before any of its steps.

A step is whatever the rest of the world could notice: a commit, a frame, a file that is replaced.
After its death a program goes on to unwind, but nothing that it does is noticed any more.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from sakya_sync.testing.trace import Trace

T = TypeVar("T")

UNWIND_TURNS_MAX: Final = 200

CURRENT: ContextVar[Process | None] = ContextVar("process", default=None)


class ProcessDied(BaseException):
    """The program has died; its code sees this wherever it touches the world."""


class Process:
    """One run of a program, from its start to its end or death."""

    def __init__(
        self,
        name: str,
        loop: asyncio.AbstractEventLoop,
        trace: Trace,
        *,
        dies_before: int | None = None,
    ) -> None:
        """Args: dies_before: the step that it does not come to, counted from 0."""
        self.name = name
        self.alive = True
        self.steps = 0
        self.tasks: dict[asyncio.Task[Any], None] = {}
        self.at_death: list[Callable[[], None]] = []
        self._loop = loop
        self._trace = trace
        self._dies_before = dies_before
        self.context = copy_context()
        self.context.run(CURRENT.set, self)

    def step(self, what: str) -> None:
        """The program is about to do something that can be noticed. Raises ProcessDied."""
        self.check_alive()
        if self.steps == self._dies_before:
            self._trace.note(self.name, f"dies before step {self.steps}: {what}")
            self.die()
            raise ProcessDied
        self.steps += 1
        self._trace.note(self.name, what)

    def check_alive(self) -> None:
        """Raises ProcessDied."""
        if not self.alive:
            raise ProcessDied

    def start(self, main: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run a part of the program."""
        return self._loop.create_task(main, context=self.context)

    def call(self, function: Callable[[], T]) -> T:
        """Call into the program, as its own code would."""
        self.check_alive()
        return self.context.copy().run(function)

    def die(self) -> None:
        """End at once: what is not durable is lost."""
        if not self.alive:
            return
        self.alive = False
        for action in self.at_death:
            action()

    async def unwind(self) -> list[str]:
        """Wait until no task of the program is left, ending those of a dead one.

        Returns: the names of tasks that did not end.
        """
        for _ in range(UNWIND_TURNS_MAX):
            if not self.tasks:
                break
            if not self.alive:
                for task in list(self.tasks):
                    task.cancel()
            await asyncio.sleep(0)
        return [_describe(task) for task in self.tasks]


def _describe(task: asyncio.Task[Any]) -> str:
    coroutine = task.get_coro()
    return getattr(coroutine, "__qualname__", repr(coroutine))


def follow_tasks(
    loop: asyncio.AbstractEventLoop, failed: Callable[[Process | None, BaseException], None]
) -> None:
    """Have every task counted with the program that began it, and its failures told."""

    def make(
        loop: asyncio.AbstractEventLoop,
        coroutine: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        **options: Any,
    ) -> asyncio.Task[Any]:
        assert asyncio.iscoroutine(coroutine)
        task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
        context = options.get("context")
        process = CURRENT.get() if context is None else context.get(CURRENT)
        if process is not None:
            process.tasks[task] = None

        def ended(task: asyncio.Task[Any]) -> None:
            if process is not None:
                process.tasks.pop(task, None)
            if not task.cancelled() and (error := task.exception()) is not None:
                failed(process, error)

        task.add_done_callback(ended)
        return task

    loop.set_task_factory(make)
