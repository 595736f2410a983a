"""All plain rooms of a relay, and who may do what in them."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from hmac import compare_digest

from sakya_sync.ids import RoomId
from sakya_sync.relay.plain.document import OpenDocument
from sakya_sync.relay.plain.log import OpenLog
from sakya_sync.relay.plain.room import Keeper, OpenRoom
from sakya_sync.session.rooms.table import PLAIN, DocumentPolicy, LogPolicy
from sakya_sync.wire.messages import Magic, Permission


class PlainRooms:
    """See the module."""

    def __init__(self, keeper: Keeper, tokens: Mapping[str, Permission]) -> None:
        """Args: tokens: what a join payload must be one of; where there are none, all may write."""
        self._keeper = keeper
        self._tokens = tokens

    def permission(self, payload: bytes) -> Permission | None:
        """What somebody may do who joins with that payload."""
        if not self._tokens:
            return Permission.WRITE
        for token, permission in self._tokens.items():
            if compare_digest(token.encode(), payload):
                return permission
        return None

    def open(self, magic: Magic, name: RoomId) -> OpenRoom:
        """A room in use; begun in memory where nothing of it is stored."""
        found = self._keeper.open.get((magic, name))
        if found is None:
            found = self._keeper.open[magic, name] = self._make(magic, name)
        return found

    async def settled(self, seconds: float) -> None:
        """Wait until everything that was taken in is answered, but no longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._keeper.settled()

    async def close(self) -> None:
        """End the workers; the store is closed by whoever opened it."""
        await self._keeper.workers.close()

    def _make(self, magic: Magic, name: RoomId) -> OpenRoom:
        topic = (magic, name)
        stored = self._keeper.store.room(magic, name)
        number = self._keeper.store.next_room() if stored is None else stored
        match PLAIN[magic]:
            case LogPolicy(make=make):
                return OpenLog(self._keeper, topic, number, make, begun=stored is not None)
            case DocumentPolicy():
                return OpenDocument(self._keeper, topic, number, begun=stored is not None)
