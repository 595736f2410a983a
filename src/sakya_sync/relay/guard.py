"""What one address may take of a relay: connections, and joins in a second."""

from typing import Final

from sakya_sync.ports import Clock
from sakya_sync.relay.addresses import group
from sakya_sync.relay.bucket import Buckets
from sakya_sync.relay.config import Quotas

JOIN_WAIT_SECONDS_MAX: Final = 10.0


class Guard:
    """One for all connections of a relay."""

    def __init__(self, quotas: Quotas, clock: Clock) -> None:
        self._most = quotas.address_connections
        self._clock = clock
        self._connections: dict[str, int] = {}
        rate = quotas.address_joins_per_second
        self._joins = Buckets(rate) if rate else None

    def admit(self, address: str) -> bool:
        """Count a connection, unless its address has as many as it may."""
        key = group(address)
        held = self._connections.get(key, 0)
        if self._most and held >= self._most:
            return False
        self._connections[key] = held + 1
        return True

    def gone(self, address: str) -> None:
        """A connection that was admitted has ended."""
        key = group(address)
        held = self._connections[key] - 1
        if held:
            self._connections[key] = held
        else:
            del self._connections[key]

    def join_wait_seconds(self, address: str) -> float | None:
        """How long a join has to wait, which is then counted; None if it is one too many."""
        if self._joins is None:
            return 0.0
        now = self._clock.now()
        bucket = self._joins.of(group(address), now)
        wait = bucket.wait_seconds(now)
        if wait > JOIN_WAIT_SECONDS_MAX:
            return None
        bucket.spend(1, now)
        return wait
