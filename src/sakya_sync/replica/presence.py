"""Loro's store of values that the latest writer sets, without its clock.

Loro's own forgets, whenever it reads or writes, what is older than its time-out by the clocks of
others; this one's time-out is longer than any clock.
"""

from typing import Final

from loro import EphemeralStore

from sakya_sync.errors import UpdateInvalid
from sakya_sync.replica.document import guarded

_NEVER_MS: Final = 2**62


class Presence:
    """Merges what several write; of one key the latest stays."""

    def __init__(self) -> None:
        self._store = EphemeralStore(_NEVER_MS)

    def apply(self, update: bytes) -> None:
        """Merge one update. Raises UpdateInvalid."""
        guarded(lambda: self._store.apply(update), UpdateInvalid, panic=UpdateInvalid)

    def encode(self) -> bytes:
        """Everything as one update; one byte 00 for nothing."""
        return guarded(lambda: bytes(self._store.encode_all()))
