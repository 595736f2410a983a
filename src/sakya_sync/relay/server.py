"""A relay, as one asynchronous context: `sakya relay serve` runs one, and tests embed it."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from random import Random
from shutil import disk_usage
from types import TracebackType
from typing import Final, Protocol, Self

import structlog

from sakya_sync.errors import DeviceBusy, DiskFull, RelayBusy, SakyaError
from sakya_sync.files.faults import translated
from sakya_sync.files.lock import ProcessLock
from sakya_sync.ports import Clock, Disk
from sakya_sync.relay import addresses
from sakya_sync.relay.admin import Admin
from sakya_sync.relay.config import LOCK, RelayConfig
from sakya_sync.relay.connection import OVERLOADED, Connection, RelayTransport
from sakya_sync.relay.guard import Guard
from sakya_sync.relay.hub import Hub, Topic
from sakya_sync.relay.log import make_log, where
from sakya_sync.relay.metrics import Metrics
from sakya_sync.relay.plain.room import Keeper
from sakya_sync.relay.plain.rooms import PlainRooms
from sakya_sync.relay.plain.workers import Workers
from sakya_sync.relay.tls import Tls
from sakya_sync.session.backoff import RETRY_HINT
from sakya_sync.session.relay import RelaySession
from sakya_sync.store.disk import SYSTEM_DISK
from sakya_sync.store.plain.store import PlainStore
from sakya_sync.store.relay.store import RelayStore
from sakya_sync.transport.websocket import listen

RESTARTING: Final = 1012
FREE_BYTES_MIN: Final = 8 * 1024 * 1024
SETTLE_SECONDS: Final = 4.0
END_SECONDS: Final = 3.0
RETURN_SECONDS_MIN: Final = 0.5
RETURNS_PER_SECOND: Final = 500
WORKERS: Final = 2
"""Processes that plain documents live in; each is started when it is first needed."""


class Listening(Protocol):
    """An open address."""

    @property
    def port(self) -> int: ...

    async def close(self) -> None:
        """Accept no more; connections that are there stay."""


class Listen(Protocol):
    """How a relay is reached: accepts connections at a host and port, and calls back for each."""

    async def __call__(
        self,
        host: str,
        port: int,
        opened: Callable[[RelayTransport], None],
        *,
        tls: ssl.SSLContext | None,
    ) -> Listening: ...


class Relay:
    """Listens while the block runs.

    Raises: AddressInUse, RelayBusy, SettingInvalid, DatabaseCorrupt and their kin.
    """

    def __init__(
        self,
        config: RelayConfig,
        *,
        clock: Clock,
        quiet: bool = False,
        log: structlog.typing.FilteringBoundLogger | None = None,
        disk: Disk = SYSTEM_DISK,
        listen: Listen = listen,
        dice: Random | None = None,
    ) -> None:
        """
        Args:
            quiet: log errors only.
            dice: spread when clients come back after an end.
        """
        self.config = config
        self.url = config.url(config.port)
        self._clock = clock
        self._log = make_log("error" if quiet else config.log_level) if log is None else log
        self._disk = disk
        self._listen = listen
        self._store: RelayStore | None = None
        self._hub: Hub | None = None
        self._plain: PlainRooms | None = None
        self._tls: Tls | None = None
        self._listening: Listening | None = None
        self.metrics = Metrics()
        self._guard = Guard(config.quotas, clock)
        self._admin: Listening | None = None
        self._draining = False
        self._held = ExitStack()
        self._dice = Random() if dice is None else dice  # noqa: S311 - it spreads load
        self._closing: asyncio.Task[None] | None = None
        self._connections: dict[asyncio.Task[None], Connection] = {}
        # Frames of the fan-out belong to no connection; their batch ids differ from all others.
        self._frames = RelaySession(0.0, batches_from=2**63)

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            self._held.close()
            raise
        self._log.info("relay listens", url=self.url)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._drain()
        finally:
            if self._plain is not None:
                await self._plain.close()
            self._held.close()

    def reload(self) -> None:
        """Read the certificate again; what is wrong with a new one is logged, the old one stays."""
        if self._tls is None:
            return
        try:
            self._tls.reload()
        except SakyaError as error:
            self._log.error("certificate not reloaded", code=error.code, message=error.message)
        else:
            self._log.info("certificate reloaded")

    def accept(self, transport: RelayTransport) -> None:
        """Serve a connection."""
        assert self._hub is not None
        address = addresses.origin(transport.peer, transport.forwarded, self.config.trusted_proxies)
        if not self._guard.admit(address):
            self.metrics.refused["connection", "too many from one address"] += 1
            self._close(transport, OVERLOADED, "too many connections from one address")
            return
        # Who comes through a proxy on this computer is not on this computer.
        loopback = addresses.is_loopback(address) and not transport.forwarded
        connection = Connection(
            transport,
            self._hub,
            self._clock,
            self._log,
            protected=self.url.startswith("wss://") or loopback,
            refused=self.metrics.refused,
            address=addresses.group(address),
            join_wait=lambda: self._guard.join_wait_seconds(address),
        )
        task = asyncio.create_task(connection.run())
        self._connections[task] = connection
        task.add_done_callback(lambda task: self._ended(task, address))

    async def _drain(self) -> None:
        """Take nothing more, answer what was taken, and spread when clients come back."""
        assert self._listening is not None
        assert self._hub is not None
        self._draining = True
        await self._listening.close()
        connections = list(self._connections.values())
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._hub.rendezvous.stop()
        await self._hub.settled(SETTLE_SECONDS)
        if self._plain is not None:
            await self._plain.settled(SETTLE_SECONDS)
        # What could not be answered in time is stored or not; those who sent it ask again.
        spread = RETURN_SECONDS_MIN + len(connections) / RETURNS_PER_SECOND
        for connection in connections:
            wait_ms = int(1000 * self._dice.uniform(RETURN_SECONDS_MIN, spread))
            await connection.close(RESTARTING, f"the relay stops; {RETRY_HINT}{wait_ms}")
        endings = [asyncio.ensure_future(connection.ended()) for connection in connections]
        if endings:
            _, late = await asyncio.wait(endings, timeout=END_SECONDS)
            for ending in late:
                ending.cancel()
        if self._admin is not None:
            await self._admin.close()

    async def _start(self) -> None:
        self._tls = None if self.config.tls is None else Tls(self.config.tls)
        self._hold_data()
        self._store = RelayStore(self.config.data, disk=self._disk)
        self._held.callback(self._store.close)
        plain = None
        if self.config.plain_rooms:
            plain = PlainStore(self.config.data)
            self._held.callback(plain.close)
        self._listening = await self._listen(
            self.config.host,
            self.config.port,
            self.accept,
            tls=None if self._tls is None else self._tls.context,
        )
        self.url = self.config.url(self._listening.port)
        self._hub = Hub(
            self.url,
            self._store,
            self._clock,
            self._encode,
            self._failed,
            self.config,
            self.metrics,
        )
        self._hub.revoked = self._check_rights
        if plain is not None:
            keeper = Keeper(plain, self._clock, self._hub.bus, Workers(WORKERS), self._failed)
            self._plain = self._hub.plain = PlainRooms(keeper, self.config.plain_tokens)
        self._measure(self._hub, self._store)
        if self.config.admin is not None:
            admin = Admin(self.metrics, self._unready)
            self._admin = await admin.listen(*self.config.admin)

    def _measure(self, hub: Hub, store: RelayStore) -> None:
        gauge, connections = self.metrics.gauge, self._connections
        store.watch_commits(self.metrics.committed)
        gauge("sakya_connections", "Connections.", lambda: len(connections))
        gauge("sakya_rooms_open", "Sealed rooms in use.", lambda: hub.rooms)
        gauge("sakya_rooms", "Sealed rooms that hold a record.", lambda: store.totals()[0])
        gauge("sakya_stored_bytes", "Bytes of sealed records.", lambda: store.totals()[1])
        gauge("sakya_commit_queue", "Batches that wait to be stored.", lambda: store.waiting)
        gauge(
            "sakya_send_queue_bytes",
            "What waits to be read by clients.",
            lambda: sum(connection.waiting_bytes for connection in connections.values()),
        )

    def _unready(self) -> str | None:
        """Why nobody should be sent here now."""
        assert self._store is not None
        if self._draining:
            return "stopping"
        try:
            self._store.totals()
        except SakyaError as error:
            return error.code
        free = disk_usage(self.config.data).free
        return DiskFull.code if free < FREE_BYTES_MIN else None

    def _hold_data(self) -> None:
        data = self.config.data
        with translated(data):
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._held.enter_context(ProcessLock(data / LOCK, data))
        except DeviceBusy as error:
            raise RelayBusy(data=data, pid=error.details["pid"]) from None

    def _ended(self, task: asyncio.Task[None], address: str) -> None:
        self._guard.gone(address)
        connection = self._connections.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("connection failed", error=type(error).__name__, where=where(error))
            if connection is not None:
                self._close(connection, OVERLOADED, "a fault of the relay")

    def _close(self, what: RelayTransport | Connection, code: int, reason: str) -> None:
        self._closing = asyncio.create_task(what.close(code, reason))

    def _encode(self, topic: Topic, updates: list[bytes]) -> list[bytes]:
        return self._frames.frames(*topic, updates)

    def _check_rights(self) -> None:
        for connection in list(self._connections.values()):
            connection.check_rights()

    def _failed(self, error: SakyaError) -> None:
        self._log.error("nothing can be stored", code=error.code, message=error.message)
