"""An asyncio event loop on which time is a number: waiting costs nothing, and order is exact."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from selectors import SelectorKey, SelectSelector
from typing import Final, TypeVarTuple

Arguments = TypeVarTuple("Arguments")

BUSY_TURNS_MAX: Final = 100_000
"""So many turns without time passing: something spins."""


class Stalled(Exception):
    """The world has come to a stop: nothing is due, or something spins."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Turns as asyncio's own does, but sleeping is adding to a number. No threads, no sockets."""

    def __init__(self) -> None:
        self.turns = 0
        self._seconds = 0.0
        super().__init__(_Skipper(self))

    def time(self) -> float:
        """Seconds since the world began."""
        return self._seconds

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += seconds

    def call_soon_threadsafe(
        self,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """As `call_soon`: there is one thread."""
        return self.call_soon(callback, *args, context=context)


class _Skipper(SelectSelector):
    """Waits for no file: it lets the loop's time pass at once."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop
        self._busy = 0

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        self._loop.turns += 1
        if timeout is None:
            raise Stalled("nothing is due")
        if timeout > 0:
            self._busy = 0
            self._loop.skip(timeout)
        else:
            self._busy += 1
            if self._busy > BUSY_TURNS_MAX:
                self._busy = 0
                raise Stalled("it spins")
        return []
