"""Plain `%FLO` rooms: updates of a Flock, kept as they came. Spec: docs/protocol.md#plain."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

from sakya_sync.session.rooms.plain import Entry, Taken, Welcome
from sakya_sync.wire.messages import AckStatus

EMPTY_VERSION: Final = b"VEVE"
"""Flock's encoding of an empty version: clients bring everything they have, which never hurts."""
_DIGEST_BYTES: Final = 16


class FlockRoom:
    """`plain.LogRoom`."""

    stored = True

    def __init__(self) -> None:
        self._digests: set[bytes] = set()
        self._next = 0

    def restore(self, entries: Iterable[Entry], marks: Iterable[bytes]) -> None:  # noqa: ARG002
        """Begin from what is kept."""
        for entry in entries:
            self._digests.add(_digest(entry.body))
            self._next = entry.number + 1

    def welcome(self, version: bytes, now: float) -> Welcome:  # noqa: ARG002
        """Everything: what a version says is known to clients only."""
        return Welcome(EMPTY_VERSION, stored=tuple(range(self._next)))

    def take(self, updates: Sequence[bytes], now: float) -> Taken:  # noqa: ARG002
        """Keep what is not there byte for byte."""
        new: list[bytes] = []
        for update in updates:
            digest = _digest(update)
            if update and digest not in self._digests:
                self._digests.add(digest)
                new.append(update)
        self._next += len(new)
        return Taken(AckStatus.OK, tuple(new), tuple(new))

    def pack(self, entries: Iterable[bytes]) -> list[bytes]:
        """As they are."""
        return list(entries)


def _digest(update: bytes) -> bytes:
    return blake2b(update, digest_size=_DIGEST_BYTES).digest()
