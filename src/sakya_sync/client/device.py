"""One device at work: its keys, whom it trusts, its connection, and the rooms of its account."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

from sakya_sync.client.home import Home
from sakya_sync.client.identity import Identity
from sakya_sync.client.link import Link
from sakya_sync.client.names import HOME
from sakya_sync.client.ports import Ports
from sakya_sync.client.subject_rooms import SubjectRooms
from sakya_sync.client.trust import Trust
from sakya_sync.client.waiting import set_or_after
from sakya_sync.errors import AccountMissing, SakyaError, SyncTimeout
from sakya_sync.ids import SubjectId, decode_id, encode_id
from sakya_sync.seal.keys import PUBLIC_BYTES
from sakya_sync.store.device.store import DeviceStore

RELAY_KEY: Final = "relay"
NAME_KEY: Final = "name"
SUBJECT_KEY: Final = "subject"
FOLDER_KEY: Final = "folder"
SYNCED_KEY: Final = "synced-ms"
JOINED_KEY: Final = "joined"
INVITATION_KEY: Final = "invitation"

PROJECTS: Final = "projects"
DEVICES: Final = "devices"
STATE_FILE: Final = "state.sqlite"


class Device:
    """See `open_device`."""

    def __init__(
        self, identity: Identity, account: DeviceStore, relay_url: str, ports: Ports
    ) -> None:
        self.identity = identity
        self.ports = ports
        self.trust = Trust()
        self.link = Link(
            relay_url,
            identity.signing,
            connector=ports.connector,
            clock=ports.clock,
            entropy=ports.entropy,
            invitation=account.meta(INVITATION_KEY),
        )
        self._listening: list[asyncio.Event] = []
        self.link.changed = self.tell
        self.subjects: list[SubjectRooms] = []
        self._running: asyncio.Task[None] | None = None
        self.account = self.subject(identity.account, account)

    def subject(self, subject: SubjectId, store: DeviceStore) -> SubjectRooms:
        """The rooms of one more subject; their certificates count for all."""
        rooms = SubjectRooms(
            subject,
            self.identity,
            self.trust,
            store,
            self.link,
            clock=self.ports.clock,
            entropy=self.ports.entropy,
        )
        rooms.progressed = self.tell
        self.subjects.append(rooms)
        return rooms

    def tell(self) -> None:
        """Something has changed that somebody may be waiting for."""
        for changed in self._listening:
            changed.set()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """Set whenever something changes; each who waits has one that nobody else clears."""
        changed = asyncio.Event()
        self._listening.append(changed)
        try:
            yield changed
        finally:
            self._listening.remove(changed)

    def begin(self, rooms: SubjectRooms) -> None:
        """Start flushing a subject's rooms and join them."""
        rooms.start()
        rooms.attach()

    def connect(self) -> None:
        """Begin to keep a connection up."""
        self._running = asyncio.create_task(self.link.run())

    async def close(self) -> None:
        """Save what is left, end the connection, close the stores. Raises what the disk raises."""
        async with AsyncExitStack() as stack:
            for rooms in self.subjects:
                stack.callback(rooms.store.close)
            stack.push_async_callback(self._disconnect)
            for rooms in self.subjects:
                stack.push_async_callback(rooms.stop)

    async def _disconnect(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def projects(self) -> dict[str, str]:
        """The account's projects as far as this device knows: id to name."""
        if self.account.row(HOME) is None:
            return {}
        items = self.account.room(HOME).document.map_items(PROJECTS)
        return {
            key: value
            for key, value in items.items()
            if isinstance(value, str) and len(decode_id(key)) == PUBLIC_BYTES
        }

    def announce(self, column: str, key: bytes, name: str) -> None:
        """Write a name into the account's home, unless it is there."""
        home = self.account.room(HOME)
        if home.document.map_get(column, encode_id(key)) == name:
            return
        with home.edit() as document:
            document.map_set(column, encode_id(key), name)
        home.want()

    @property
    def settled(self) -> bool:
        """Whether relay and device hold the same, in every subject."""
        return self.link.online and all(rooms.settled for rooms in self.subjects)

    def problem(self) -> SakyaError | None:
        """What stands in the way, if it is known: refusals first, then the connection."""
        for rooms in self.subjects:
            problem = rooms.first_problem()
            if problem is not None:
                return problem
        return self.link.state.problem

    async def until(
        self,
        condition: Callable[[], bool],
        timeout_seconds: float,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Wait for a condition that rooms or link can bring about.

        The time starts anew with every room that gets done. Raises whatever stands in the way:
        at once when the relay refuses, or is not there; after the timeout, SyncTimeout.
        """
        clock = self.ports.clock
        best = -1
        deadline = clock.now() + timeout_seconds
        with self.listening() as changed:
            while True:
                # The condition may do work of its own: what changes meanwhile must not be missed.
                changed.clear()
                if condition():
                    return
                problem = self.problem()
                if problem is not None:
                    raise problem
                done = sum(rooms.waiting[0] for rooms in self.subjects)
                total = sum(rooms.waiting[1] for rooms in self.subjects)
                if progress is not None and total:
                    progress(done, total)
                if done > best:
                    best, deadline = done, clock.now() + timeout_seconds
                if clock.now() >= deadline:
                    raise SyncTimeout(
                        f"{total - done} of {total} parts are still on their way",
                        seconds=f"{timeout_seconds:g}",
                        address=self.link.url,
                    )
                await set_or_after(changed, clock, max(0.001, deadline - clock.now()))


@asynccontextmanager
async def open_device(
    home: Home, identity: Identity, relay_url: str, ports: Ports
) -> AsyncIterator[Device]:
    """Open the account's state and keep a connection up until the block ends.

    Raises: AccountMissing, DatabaseCorrupt and their kin.
    """
    path = home.account / STATE_FILE
    if not path.exists():
        raise AccountMissing
    async with AsyncExitStack() as stack:
        store = DeviceStore(path, disk=home.disk)
        stack.callback(store.close)
        device = Device(identity, store, relay_url, ports)
        stack.push_async_callback(device.close)
        device.connect()
        device.begin(device.account)
        yield device
