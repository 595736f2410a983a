"""A relay, as one asynchronous context: `sakya relay serve` runs one, and tests embed it."""

import asyncio
from types import TracebackType
from typing import Self

from sakya_sync.errors import SakyaError
from sakya_sync.ports import Clock
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.connection import Connection, RelayTransport
from sakya_sync.relay.hub import Hub, Topic
from sakya_sync.relay.log import make_log
from sakya_sync.session.relay import RelaySession
from sakya_sync.store.relay.store import RelayStore
from sakya_sync.transport.websocket import Listening, WebSocketTransport, listen


class Relay:
    """Listens while the block runs. Raises AddressInUse, DatabaseCorrupt and their kin."""

    def __init__(self, config: RelayConfig, *, clock: Clock, quiet: bool = False) -> None:
        """Args: quiet: log errors only."""
        self.config = config
        self.url = config.url(config.port)
        self._clock = clock
        self._log = make_log(quiet=quiet)
        self._store: RelayStore | None = None
        self._hub: Hub | None = None
        self._listening: Listening | None = None
        self._closing: asyncio.Task[None] | None = None
        self._connections: dict[asyncio.Task[None], Connection] = {}
        # Frames of the fan-out belong to no connection; their batch ids differ from all others.
        self._frames = RelaySession(0.0, batches_from=2**63)

    async def __aenter__(self) -> Self:
        self._store = RelayStore(self.config.data)
        try:
            self._listening = await listen(self.config.host, self.config.port, self.accept)
        except BaseException:
            self._store.close()
            raise
        self.url = self.config.url(self._listening.port)
        self._hub = Hub(self.url, self._store, self._clock, self._encode, self._failed)
        self._hub.revoked = self._check_rights
        self._hub.unsettled = self._suggest_rejoin
        self._log.info("relay listens", url=self.url)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._listening is not None
        assert self._store is not None
        await self._listening.close()
        for task, connection in list(self._connections.items()):
            await connection.close(1012, "the relay stops")
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        # What was taken in is stored; those who sent it ask again and learn so.
        self._store.close()

    def accept(self, transport: RelayTransport | WebSocketTransport) -> None:
        """Serve a connection."""
        assert self._hub is not None
        protected = self.url.startswith("wss://")
        connection = Connection(transport, self._hub, self._clock, self._log, protected=protected)
        task = asyncio.create_task(connection.run())
        self._connections[task] = connection
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        connection = self._connections.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("connection failed", error=type(error).__name__, exc_info=error)
            if connection is not None:
                self._closing = asyncio.create_task(connection.close(1011, "a fault of the relay"))

    def _encode(self, topic: Topic, updates: list[bytes]) -> list[bytes]:
        return self._frames.frames(*topic, updates)

    def _check_rights(self) -> None:
        for connection in list(self._connections.values()):
            connection.check_rights()

    def _suggest_rejoin(self) -> None:
        for connection in list(self._connections.values()):
            connection.suggest_rejoin()

    def _failed(self, error: SakyaError) -> None:
        self._log.error("nothing can be stored", code=error.code, message=error.message)
