"""Version vectors: how far a replica has come with each peer. Spec: docs/protocol.md#records."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from sakya_sync.errors import RecordError
from sakya_sync.ids import PeerId
from sakya_sync.limits import COUNTER_MAX, VERSION_PEERS_MAX
from sakya_sync.wire.varint import Reader, encode_uvarint

PEER_ID_MAX: Final = 2**64 - 2
_NOTHING: Final[Mapping[PeerId, int]] = MappingProxyType({})


class VersionVector:
    """A map from peer to the counter its next operation will have; never changes.

    A peer that is not in it counts as 0, and one at 0 is not in it.
    """

    __slots__ = ("_counters", "_hash")

    def __init__(self, counters: Mapping[PeerId, int] = _NOTHING) -> None:
        assert all(0 <= counter <= COUNTER_MAX for counter in counters.values())
        self._counters = {peer: counter for peer, counter in counters.items() if counter}
        self._hash: int | None = None

    def get(self, peer: PeerId) -> int:
        """The peer's next counter, 0 if it is unknown."""
        return self._counters.get(peer, 0)

    def items(self) -> Iterator[tuple[PeerId, int]]:
        """Peers with their next counters, sorted by peer."""
        return iter(sorted(self._counters.items()))

    def includes(self, other: "VersionVector") -> bool:
        """Whether nothing in the other is missing here."""
        mine = self._counters
        return all(mine.get(peer, 0) >= end for peer, end in other._counters.items())

    def merge(self, other: "VersionVector") -> "VersionVector":
        """What both together have: the greater counter of each peer."""
        merged = dict(self._counters)
        for peer, end in other._counters.items():
            if end > merged.get(peer, 0):
                merged[peer] = end
        return VersionVector(merged)

    def advance(self, peer: PeerId, end: int) -> "VersionVector":
        """With that peer at `end`, unless it is there or further already."""
        if end <= self.get(peer):
            return self
        return VersionVector({**self._counters, peer: end})

    def __len__(self) -> int:
        return len(self._counters)

    def __contains__(self, peer: object) -> bool:
        return peer in self._counters

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VersionVector):
            return NotImplemented
        return self._counters == other._counters

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._counters.items()))
        return self._hash

    def __repr__(self) -> str:
        return f"VersionVector({dict(self.items())})"


EMPTY: Final = VersionVector()


def encode(version: VersionVector) -> bytes:
    """As Loro's `VersionVector.encode()`, sorted by peer; one byte 00 for an empty one."""
    parts = [encode_uvarint(len(version))]
    for peer, counter in version.items():
        parts.append(encode_uvarint(peer))
        # Zigzag: counters are never negative, but Loro's integer is signed.
        parts.append(encode_uvarint(counter << 1))
    return b"".join(parts)


def decode(encoded: bytes) -> VersionVector:
    """In any order of peers, since Loro's is that of a hash table. Raises RecordError."""
    reader = Reader(encoded, RecordError)
    count = reader.uvarint(VERSION_PEERS_MAX)
    counters: dict[PeerId, int] = {}
    for _ in range(count):
        peer = PeerId(reader.uvarint(PEER_ID_MAX))
        zigzag = reader.uvarint(2 * COUNTER_MAX + 1)
        if zigzag & 1:
            raise RecordError("a counter below 0")
        if peer in counters:
            raise RecordError("a peer named twice")
        counters[peer] = zigzag >> 1
    reader.end()
    return VersionVector(counters)
