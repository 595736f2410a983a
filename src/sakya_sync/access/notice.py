"""What a relay says about a subject's other rooms: which differ, or have just changed.

Spec: docs/protocol.md#access.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sakya_sync.errors import WireError
from sakya_sync.limits import ROOM_BYTES_MAX
from sakya_sync.wire.varint import Reader, encode_uvarint

NOTICE_DIGEST_BYTES: Final = 8
NOTICE_ROOMS_MAX: Final = 4_096
"""Rooms in one notice we send: it then needs no fragments for names of up to 50 bytes."""

_TAG = b"N\x01"


@dataclass(frozen=True, slots=True)
class Notice:
    """Rooms by their names without the subject, each with the first 8 bytes of its digest."""

    rooms: tuple[tuple[str, bytes], ...]

    def encode(self) -> bytes:
        """One update of a `%SKA` room."""
        parts = [_TAG, encode_uvarint(len(self.rooms))]
        for name, digest in self.rooms:
            assert len(digest) == NOTICE_DIGEST_BYTES
            encoded = name.encode()
            parts += [encode_uvarint(len(encoded)), encoded, digest]
        return b"".join(parts)

    @classmethod
    def decode(cls, encoded: bytes) -> "Notice":
        """Raises WireError."""
        reader = Reader(encoded, WireError)
        if bytes(reader.take(2)) != _TAG:
            raise WireError("not a notice")
        count = reader.uvarint()
        if count > len(encoded) // (1 + NOTICE_DIGEST_BYTES):
            raise WireError("a notice's count")
        rooms: list[tuple[str, bytes]] = []
        for _ in range(count):
            name = bytes(reader.varbytes(ROOM_BYTES_MAX))
            try:
                text = name.decode()
            except UnicodeDecodeError:
                raise WireError("a room's name") from None
            rooms.append((text, bytes(reader.take(NOTICE_DIGEST_BYTES))))
        reader.end()
        return cls(tuple(rooms))


def notices(rooms: Iterable[tuple[str, bytes]]) -> Iterator[Notice]:
    """As many notices as these rooms need; the digests are cut to 8 bytes."""
    short = [(name, digest[:NOTICE_DIGEST_BYTES]) for name, digest in rooms]
    for start in range(0, len(short), NOTICE_ROOMS_MAX):
        yield Notice(tuple(short[start : start + NOTICE_ROOMS_MAX]))
