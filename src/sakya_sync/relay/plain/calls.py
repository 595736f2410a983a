"""What a relay and its document workers say to each other over a pipe.

A frame is `length u32 || tag u8 || room uleb || n x varbytes(field)`. It is a format of its own,
not a pickle, because a worker that a crafted update took over must not be able to run code here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sakya_sync.errors import WireError
from sakya_sync.wire.varint import Reader, encode_uvarint

LENGTH_BYTES: Final = 4


class Call(IntEnum):
    """What a relay asks of a worker."""

    OPEN = 1
    """Fields: magic, then what is kept, in order."""
    WELCOME = 2
    """Field: the version that came with a join. Answered by version, then updates."""
    TAKE = 3
    """Fields: updates. Answered by one field with a `Verdict` for each."""
    CONDENSE = 4
    """Answered by one update, or nothing."""
    CLOSE = 5


class Reply(IntEnum):
    """How a worker answers."""

    DONE = 1
    UNKNOWN_VERSION = 2
    FAILED = 3


class Verdict(IntEnum):
    """What became of one update."""

    NEW = 1
    HELD = 2
    INVALID = 3


@dataclass(frozen=True, slots=True)
class Said:
    """One frame, taken apart."""

    tag: int
    room: int
    fields: tuple[bytes, ...]


def encode(tag: int, room: int, fields: Sequence[bytes] = ()) -> bytes:
    """A frame with its length."""
    parts = [bytes((tag,)), encode_uvarint(room)]
    for field in fields:
        parts.append(encode_uvarint(len(field)))
        parts.append(field)
    length = sum(map(len, parts))
    return b"".join((length.to_bytes(LENGTH_BYTES, "big"), *parts))


def decode(frame: bytes) -> Said:
    """A frame without its length. Raises WireError."""
    reader = Reader(frame, WireError)
    tag, room = reader.u8(), reader.uvarint()
    fields: list[bytes] = []
    while reader.remaining:
        fields.append(reader.varbytes())
    return Said(tag, room, tuple(fields))
