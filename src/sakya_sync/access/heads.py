"""Digests that tell in 32 bytes whether two ends hold the same. Spec: docs/protocol.md#join."""

from collections.abc import Iterable

from sakya_sync.access.hashing import h32
from sakya_sync.ids import RoomId
from sakya_sync.seal.chain import Head, encode_heads


def room_digest(room: RoomId, heads: Iterable[Head]) -> bytes:
    """The digest of a room's heads, in any order."""
    name = room.encode()
    ordered = tuple(sorted(heads, key=lambda head: head.author))
    return h32(b"SakyaRoomHead1", len(name).to_bytes(4, "little") + name + encode_heads(ordered))


def project_digest(room_digests: Iterable[bytes]) -> bytes:
    """All rooms of a subject but `access` that hold a record; zeros for none.

    A room changed is one XOR of its old and one of its new digest: `replace_digest`.
    """
    total = 0
    for digest in room_digests:
        total ^= int.from_bytes(digest, "big")
    return total.to_bytes(32, "big")


def replace_digest(project: bytes, old: bytes | None, new: bytes) -> bytes:
    """The project digest after one room's digest went from `old` (None: no record) to `new`."""
    return project_digest([project, new] if old is None else [project, old, new])
