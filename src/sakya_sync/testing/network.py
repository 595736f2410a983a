"""A network between simulated machines, and its weather.

Connections keep order and lose nothing while they live, as TCP's do; frames come late, stall behind
a cut, or never come because the connection ended first. In the worst weather something between the
machines also loses, repeats or swaps frames; such a connection is soon reset.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sakya_sync.errors import RelayUnreachable
from sakya_sync.testing.process import CURRENT
from sakya_sync.transport.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sakya_sync.ports import Transport
    from sakya_sync.relay.connection import RelayTransport
    from sakya_sync.testing.dice import Dice
    from sakya_sync.testing.process import Process

UNHEARD_SECONDS: Final = 10.0
"""How long a connection attempt waits for an answer."""
APART_SECONDS: Final = 1e-6
"""Between two frames of one connection; what is due at one time arrives in any order."""
HIGH_WATER_BYTES: Final = 65_536
DRAIN_SECONDS: Final = 0.01
DOOMED_SECONDS: Final = 15.0


@dataclass(slots=True)
class Weather:
    """How the network is: chances by frame, and seconds."""

    latency_seconds: tuple[float, float] = (0.005, 0.05)
    refuse: float = 0.0
    """A connection attempt fails."""
    reset: float = 0.0
    """The connection ends, and what was on its way is lost."""
    half_open: float = 0.0
    """Of a connection that ends, one end does not hear of it."""
    clog: float = 0.0
    """Frames stand still for up to `clog_seconds`."""
    clog_seconds: float = 20.0
    lose: float = 0.0
    repeat: float = 0.0
    swap: float = 0.0

    def heal(self) -> None:
        """From now on everything arrives."""
        self.refuse = self.reset = self.half_open = self.clog = 0.0
        self.lose = self.repeat = self.swap = 0.0


class Tap:
    """Sees every frame as it is sent; this one looks away."""

    def sent(self, end: End, frame: bytes | str) -> None:
        """A program sends a frame."""


@dataclass(slots=True)
class _Listener:
    process: Process
    accept: Callable[[RelayTransport], None]


@dataclass(slots=True)
class _Pipe:
    """One direction of a connection."""

    free_at: float = 0.0
    in_flight: int = 0
    stalled: list[Callable[[], None]] = field(default_factory=list)


class Network:
    """All machines, by name; relays listen at URLs."""

    def __init__(self, loop: asyncio.AbstractEventLoop, dice: Dice, weather: Weather) -> None:
        self.weather = weather
        self.tap: Tap = Tap()
        self.delivered = 0
        self.inbox_bytes_most = 0
        self._loop = loop
        self._dice = dice
        self._listeners: dict[str, _Listener] = {}
        self._blocked: dict[tuple[str, str], None] = {}
        self._wires: dict[Wire, None] = {}

    # What programs ask.

    def connector(self, machine: str) -> Connector:
        """How programs of a machine reach relays."""
        return Connector(self, machine)

    async def listen(
        self, url: str, machine: str, accept: Callable[[RelayTransport], None]
    ) -> Listening:
        """Accept connections to a URL, in the name of the program that asks."""
        process = CURRENT.get()
        assert process is not None
        process.step("listens")
        self._listeners[url] = _Listener(process, accept)
        process.at_death.append(lambda: self._silence(url, process))
        return Listening(lambda: self._silence(url, process), machine)

    async def connect(self, machine: str, url: str) -> Transport:
        """Open a connection. Raises RelayUnreachable."""
        process = CURRENT.get()
        assert process is not None
        process.step("connects")
        there = url.partition("://")[2].partition(":")[0]
        await asyncio.sleep(self._latency())
        if self._is_blocked(machine, there) or self._is_blocked(there, machine):
            await asyncio.sleep(UNHEARD_SECONDS)
            raise RelayUnreachable(f"no answer within {UNHEARD_SECONDS:g} s", address=url)
        listener = self._listeners.get(url)
        if listener is None or self._dice.chance(self.weather.refuse):
            raise RelayUnreachable("nothing listens there", address=url)
        process.check_alive()
        wire = Wire(self, (machine, process), (there, listener.process))
        self._wires[wire] = None
        self._loop.call_soon(listener.accept, wire.server, context=listener.process.context)
        return wire.client

    # What the world does to it.

    def block(self, source: str, target: str) -> None:
        """Nothing passes from one machine to another; sending still works."""
        self._blocked[source, target] = None

    def unblock(self) -> None:
        """Everything passes again, and what stood still arrives."""
        self._blocked.clear()
        for wire in list(self._wires):
            wire.flow()

    def reset_all(self) -> None:
        """End every connection, at both ends."""
        for wire in list(self._wires):
            wire.reset()

    def heal(self) -> None:
        """Calm weather. Whoever has lost a connection without hearing of it has to find out."""
        self.weather.heal()
        self.unblock()

    def cut_off(self, process: Process, *, silent: bool) -> None:
        """A program is gone; with a dead machine, nobody hears of it."""
        for wire in [wire for wire in self._wires if wire.of(process)]:
            wire.end_of(process, silent=silent)

    # Inside.

    def forget(self, wire: Wire) -> None:
        """A connection has ended at both ends."""
        self._wires.pop(wire, None)

    def _silence(self, url: str, process: Process) -> None:
        listener = self._listeners.get(url)
        if listener is not None and listener.process is process:
            del self._listeners[url]

    def _is_blocked(self, source: str, target: str) -> bool:
        return (source, target) in self._blocked

    def _latency(self) -> float:
        return self._dice.between(*self.weather.latency_seconds)

    def carry(self, end: End, frame: bytes | str) -> None:
        """Take a frame to the other end, as the weather allows."""
        wire, weather, dice = end.wire, self.weather, self._dice
        if dice.chance(weather.reset):
            wire.break_apart(one_sided=dice.chance(weather.half_open), first=end)
            return
        if dice.chance(weather.lose):
            wire.doom()
            return
        pipe, now = end.pipe, self._loop.time()
        delay = self._latency()
        if dice.chance(weather.clog):
            delay += dice.between(0.0, weather.clog_seconds)
        due = max(pipe.free_at + APART_SECONDS, now + delay)
        if dice.chance(weather.swap):
            wire.doom()
            due += delay
        else:
            pipe.free_at = due
        times = 1
        if dice.chance(weather.repeat):
            wire.doom()
            times = 2
        for _ in range(times):
            pipe.in_flight += len(frame)
            self._loop.call_at(due, self._arrive, end, frame)

    def _arrive(self, end: End, frame: bytes | str) -> None:
        if self._is_blocked(end.machine, end.other.machine):
            end.pipe.stalled.append(lambda: self._arrive(end, frame))
            return
        end.pipe.in_flight -= len(frame)
        inbox = end.other.inbox
        if not inbox.closed and end.other.process.alive:
            self.delivered += 1
            inbox.put(frame)
            self.inbox_bytes_most = max(self.inbox_bytes_most, inbox.size_bytes)

    def close_later(self, end: End, code: int, reason: str) -> None:
        """Let the other end know that this one has ended, after all that it sent."""
        due = max(end.pipe.free_at + APART_SECONDS, self._loop.time() + self._latency())
        self._loop.call_at(due, self._hear_of_end, end, code, reason)

    def _hear_of_end(self, end: End, code: int, reason: str) -> None:
        if self._is_blocked(end.machine, end.other.machine):
            end.pipe.stalled.append(lambda: self._hear_of_end(end, code, reason))
            return
        end.other.inbox.close(code, reason)
        self.forget(end.wire)

    def reset_later(self, wire: Wire) -> None:
        """A connection that was tampered with does not last."""
        self._loop.call_later(self._dice.between(0.0, DOOMED_SECONDS), wire.reset)


class Connector:
    """`ports.Connector` of one machine."""

    def __init__(self, network: Network, machine: str) -> None:
        self._network = network
        self._machine = machine

    async def connect(self, url: str) -> Transport:
        """Open a connection. Raises RelayUnreachable."""
        return await self._network.connect(self._machine, url)


class Listening:
    """An open address."""

    def __init__(self, silence: Callable[[], None], machine: str) -> None:
        self.machine = machine
        self.port = 7450
        self._silence = silence

    async def close(self) -> None:
        """Accept no more."""
        self._silence()


class Wire:
    """One connection between two machines."""

    def __init__(
        self, network: Network, client: tuple[str, Process], server: tuple[str, Process]
    ) -> None:
        self.network = network
        self.client = End(self, *client)
        self.server = End(self, *server)
        self.client.other, self.server.other = self.server, self.client
        self._doomed = False

    def of(self, process: Process) -> bool:
        """Whether a program holds one of its ends."""
        return process in (self.client.process, self.server.process)

    def reset(self) -> None:
        """Both ends find it gone."""
        self.client.inbox.close(1006, "reset")
        self.server.inbox.close(1006, "reset")
        self.network.forget(self)

    def break_apart(self, *, one_sided: bool, first: End) -> None:
        """It is gone, though with `one_sided` the other end does not know."""
        first.inbox.close(1006, "reset")
        # Of a half-open connection, the other end learns by its keepalive.
        if not one_sided:
            first.other.inbox.close(1006, "reset")
            self.network.forget(self)

    def doom(self) -> None:
        """Frames were lost or changed on the way: it will not last."""
        if not self._doomed:
            self._doomed = True
            self.network.reset_later(self)

    def end_of(self, process: Process, *, silent: bool) -> None:
        """One of its programs is gone."""
        end = self.client if self.client.process is process else self.server
        end.inbox.close(1006, "gone")
        if not silent:
            self.network.close_later(end, 1006, "reset")

    def flow(self) -> None:
        """What stood still goes on."""
        for end in (self.client, self.server):
            stalled, end.pipe.stalled = end.pipe.stalled, []
            for action in stalled:
                action()


class End:
    """`ports.Transport`, as the relay needs it too."""

    forwarded: tuple[str, ...] = ()
    other: End

    def __init__(self, wire: Wire, machine: str, process: Process) -> None:
        self.wire = wire
        self.machine = machine
        self.peer = "192.0.2.1"
        self.process = process
        self.inbox = Inbox()
        self.pipe = _Pipe()

    @property
    def buffered_bytes(self) -> int:
        """What was sent and has not arrived."""
        return 0 if self.inbox.closed else self.pipe.in_flight

    def stirred(self) -> bool:
        """Never: there are no pings but those in text."""
        return False

    async def ended(self) -> None:
        """At once: the network takes everything."""

    async def receive(self) -> bytes | str:
        """The next frame. Raises TransportClosed, ProcessDied."""
        self.process.check_alive()
        frame = await self.inbox.get()
        self.process.step(f"receives {len(frame)} from {self.other.machine}")
        return frame

    def send(self, frames: Sequence[bytes | str]) -> None:
        """Queue frames in order. Raises ProcessDied."""
        network = self.wire.network
        for frame in frames:
            self.process.check_alive()
            if self.inbox.closed:
                return
            self.process.step(f"sends {len(frame)} to {self.other.machine}")
            network.tap.sent(self, frame)
            network.carry(self, frame)

    async def drained(self) -> None:
        """Wait until most of what was sent has arrived."""
        await asyncio.sleep(0)
        while self.buffered_bytes > HIGH_WATER_BYTES:  # noqa: ASYNC110  # frames set no event
            await asyncio.sleep(DRAIN_SECONDS)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close; what was queued before is still sent."""
        if not self.inbox.closed:
            self.inbox.close(code, reason)
            if self.process.alive:
                self.wire.network.close_later(self, code, reason)
