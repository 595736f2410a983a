"""Plain `%EPS` rooms: an ephemeral store that is kept. Spec: docs/protocol.md#plain."""

from collections.abc import Sequence
from typing import Final

from sakya_sync.replica.presence import Presence
from sakya_sync.session.rooms.plain import Welcome

NOTHING: Final = b"\x00"


class PersistedRoom:
    """`plain.DocumentRoom`: the latest value of each key, however old.

    Nothing times out here. A stock client ignores, when it arrives, what is older than its own
    time-out; one that wants to find old values has to be made with a long one.
    """

    def __init__(self) -> None:
        self._presence = Presence()

    def restore(self, updates: Sequence[bytes]) -> None:
        """Begin from what is kept."""
        for update in updates:
            self._presence.apply(update)

    def welcome(self, version: bytes) -> Welcome:  # noqa: ARG002
        """Everything, as one update."""
        held = self._presence.encode()
        return Welcome(b"", updates=() if held == NOTHING else (held,))

    def take(self, update: bytes) -> bool:
        """Merge it. Raises UpdateInvalid."""
        before = self._presence.encode()
        self._presence.apply(update)
        return sorted(self._presence.encode()) != sorted(before)

    def condense(self) -> bytes | None:
        """The latest values only."""
        return self._presence.encode()
