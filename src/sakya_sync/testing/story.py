"""What happens in a world: people write on several machines while all breaks; then all heals.

In the first phase anything may go wrong but what must never be; in the second nothing goes wrong
any more, and all devices must become the same in time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sakya_sync.testing.machines import DocumentsMachine, RelayMachine
from sakya_sync.testing.witness import TRACER
from sakya_sync.testing.writers import Writings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sakya_sync.testing.dice import Dice
    from sakya_sync.testing.world import World

DEVICES: Final = ("laptop", "tablet", "phone")
SETUP_SECONDS: Final = 120.0
HEALED_SECONDS: Final = 300.0
"""So long after everything works again, all devices are the same."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How large a story is."""

    devices: int = 2
    actions: int = 50


class Story:
    """A world with one relay and some devices of one account. See `tell`."""

    def __init__(self, world: World, measure: Measure) -> None:
        self.world = world
        self.dice: Dice = world.dice
        self.relay = RelayMachine(world, "relay")
        rates = (1.0, 1.0, 0.999, 1.001)
        self.devices = [
            DocumentsMachine(world, name, self.relay, clock_rate=self.dice.pick(rates))
            for name in DEVICES[: measure.devices]
        ]
        for machine in (self.relay, *self.devices):
            world.add(machine)
        self.writings = Writings(world)
        self._measure = measure

    async def tell(self) -> None:
        """All of it. Raises Violation."""
        await self.begin()
        self.let_loose()
        for _ in range(self._measure.actions):
            await self.act()
            self.world.check()
        await self.heal()
        await self.converge()
        await self.close()

    async def begin(self) -> None:
        """In calm weather: an account, and every device in it."""
        await self.relay.start()
        first, *others = self.devices
        await first.start()
        await self._opened(first)
        self.writings.write(first, self.dice)
        if not await first.synced(SETUP_SECONDS):
            self.world.complain("the first device cannot begin")
        for device in others:
            device.words = first.kit()
            await device.start()
            await self._opened(device)
        self.world.check()

    def let_loose(self) -> None:
        """Draw what breaks in this world: some kinds of faults, each as often as it likes."""
        weather = self.world.network.weather
        weather.reset = self._sometimes(0.03)
        weather.half_open = self._sometimes(1.0)
        weather.refuse = self._sometimes(0.5)
        weather.clog = self._sometimes(0.03)
        weather.latency_seconds = (0.001, 0.05 + self._sometimes(2.0))
        if self.dice.chance(0.3):
            weather.lose = self.dice.between(0.0, 0.03)
            weather.repeat = self.dice.between(0.0, 0.03)
            weather.swap = self.dice.between(0.0, 0.03)
        for machine in (self.relay, *self.devices):
            if self.dice.chance(0.3):
                machine.faults.full = self.dice.between(0.0, 0.05)
                machine.faults.busy = self.dice.between(0.0, 0.05)
                machine.faults.io = self.dice.between(0.0, 0.05)
                machine.faults.answer_lost = self.dice.between(0.0, 0.05)
            if self.dice.chance(0.5):
                machine.faults.slow = 0.05

    async def act(self) -> None:
        """One thing happens; then some time passes."""
        action = self.dice.weighed(self._actions())
        await action()
        for device in self.devices:
            self.writings.look(device)
        pauses = ((0.002, 2.0), (0.2, 4.0), (3.0, 2.0), (60.0, 0.3))
        await asyncio.sleep(self.dice.between(0.0, self.dice.weighed(pauses)))

    async def heal(self) -> None:
        """From now on nothing breaks; what broke is started anew."""
        self.world.trace.note("*", "heals")
        for machine in (self.relay, *self.devices):
            machine.faults.heal()
            machine.clock.offset_ms = 0
        self.world.network.weather.latency_seconds = (0.005, 0.05)
        self.world.network.heal()
        await self.relay.start()
        for device in self.devices:
            if device.disk.faulted:
                # An app that is told of a failed disk is opened again when that works.
                await device.stop()
            await device.start()

    async def converge(self) -> None:
        """Wait until all is the same everywhere, and see that nothing is lost."""
        deadline = self.world.loop.time() + HEALED_SECONDS
        while True:
            left = deadline - self.world.loop.time()
            if left <= 0:
                self.world.complain(f"after {HEALED_SECONDS:g} s, devices are not the same")
                break
            self.world.check()
            done = [await device.synced(left) for device in self.devices]
            values = [device.document and device.document.value() for device in self.devices]
            if all(done) and all(value == values[0] for value in values):
                break
            await asyncio.sleep(1.0)
        for device in self.devices:
            self.writings.synced(device)
        for device in self.devices:
            self.writings.check_all(device)
            for database in device.disk.databases.values():
                if database.read(
                    "SELECT 1 FROM record WHERE acked = 0 UNION SELECT 1 FROM pending"
                ):
                    self.world.complain(f"{device.name} is in sync, and has not sent everything")
        self.world.witness.check_acked()
        self._look_for_tracer()
        self.world.check()

    async def close(self) -> None:
        """Everything ends by itself, and nothing stays behind; opened again, all is there."""
        for machine in (*self.devices, self.relay):
            await machine.stop()
        self.world.check()

    # Inside.

    async def _opened(self, device: DocumentsMachine) -> None:
        try:
            await asyncio.wait_for(device.opened.wait(), SETUP_SECONDS)
        except TimeoutError:
            self.world.complain(f"{device.name} cannot begin")
        self.world.check()

    def _sometimes(self, most: float) -> float:
        return self.dice.between(0.0, most) if self.dice.chance(0.5) else 0.0

    def _actions(self) -> list[tuple[Callable[[], Awaitable[None]], float]]:
        device = self.dice.pick(self.devices)
        ends = (device.name, self.relay.name)
        one, other = ends if self.dice.chance(0.5) else ends[::-1]
        network = self.world.network

        async def write() -> None:
            for _ in range(1 + self.dice.below(4)):
                self.writings.write(device, self.dice)

        async def restart() -> None:
            await self.start(device)

        async def kill() -> None:
            self.writings.look(device)
            device.crash(power_cut=self.dice.chance(0.5))

        async def stop() -> None:
            self.writings.look(device)
            await device.stop()

        async def kill_relay() -> None:
            self.relay.crash(power_cut=self.dice.chance(0.5))

        async def stop_relay() -> None:
            await self.relay.stop()

        async def restart_relay() -> None:
            await self.relay.start()

        async def block() -> None:
            network.block(one, other)

        async def part() -> None:
            network.block(one, other)
            network.block(other, one)

        async def unblock() -> None:
            network.unblock()

        async def reset() -> None:
            network.reset_all()

        async def jump() -> None:
            device.clock.offset_ms = int(self.dice.between(-200_000, 200_000))

        async def sync() -> None:
            if await device.synced(self.dice.between(0.1, 5.0)):
                self.writings.synced(device)

        return [
            (write, 14.0), (restart, 5.0), (kill, 1.5), (stop, 1.0), (kill_relay, 0.7),
            (stop_relay, 0.3), (restart_relay, 3.0), (block, 0.5), (part, 0.7), (unblock, 2.0),
            (reset, 0.5), (jump, 0.2), (sync, 2.0),
        ]  # fmt: skip

    async def start(self, device: DocumentsMachine) -> None:
        """Start a device that does not run; it shows what it had."""
        if device.running:
            return
        await device.start()
        opening = asyncio.ensure_future(device.opened.wait())
        await asyncio.wait((opening,), timeout=self.dice.between(0.5, 3.0))
        opening.cancel()
        self.writings.reopened(device)

    def _look_for_tracer(self) -> None:
        disks = [database.keeper.serialize() for database in self.relay.disk.databases.values()]
        if any(TRACER.encode() in image for image in disks):
            self.world.complain("the relay's disk holds what was written")
        if TRACER in self.relay.log.getvalue():
            self.world.complain("the relay's log holds what was written")


async def tell(world: World, measure: Measure | None = None) -> None:
    """A story of that measure."""
    await Story(world, measure or Measure()).tell()
