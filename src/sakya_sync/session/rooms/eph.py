"""Plain `%EPH` and `%YAW` rooms: presence, passed on, and remembered for half a minute.

Updates are not looked into. Whoever joins late gets those of the last moments: clients keep the
newest of each key by themselves. Spec: docs/protocol.md#plain.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from sakya_sync.session.rooms.plain import Entry, Taken, Welcome
from sakya_sync.wire.messages import AckStatus

RECENT_SECONDS: Final = 30.0
"""As long as stock clients believe what they hear."""
RECENT_BYTES_MAX: Final = 256 * 1024
RECENT_MAX: Final = 1_024
NOTHING: Final = b"\x00"
"""An update without an entry, in either encoding: stock clients send one at every join."""


class PresenceRoom:
    """`plain.LogRoom`; keeps nothing on disk."""

    stored = False

    def __init__(self) -> None:
        self._recent: deque[tuple[float, bytes]] = deque()
        self._recent_bytes = 0

    def restore(self, entries: Iterable[Entry], marks: Iterable[bytes]) -> None:
        """There is nothing to begin from."""

    def welcome(self, version: bytes, now: float) -> Welcome:  # noqa: ARG002
        """What was said in the last moments."""
        self._forget(now)
        return Welcome(b"", updates=tuple(update for _, update in self._recent))

    def take(self, updates: Sequence[bytes], now: float) -> Taken:
        """Pass everything on."""
        said = tuple(update for update in updates if update and update != NOTHING)
        if any(len(update) > RECENT_BYTES_MAX for update in said):
            return Taken(AckStatus.TOO_LARGE)
        for update in said:
            self._recent.append((now, update))
            self._recent_bytes += len(update)
        self._forget(now)
        return Taken(AckStatus.OK, forward=said)

    def pack(self, entries: Iterable[bytes]) -> list[bytes]:
        """As they are."""
        return list(entries)

    def _forget(self, now: float) -> None:
        while self._recent and (
            self._recent[0][0] + RECENT_SECONDS < now
            or self._recent_bytes > RECENT_BYTES_MAX
            or len(self._recent) > RECENT_MAX
        ):
            _, update = self._recent.popleft()
            self._recent_bytes -= len(update)
