"""A state that a whole project was in: versions of its documents, not copies of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from sakya_sync.errors import RecordError
from sakya_sync.ids import FileId, decode_id, encode_id
from sakya_sync.wire.varint import Reader, encode_uvarint, encode_varbytes

FILES_MAX: Final = 65_536
FRONTIER_BYTES_MAX: Final = 4_096
FILE_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ProjectVersion:
    """See the module."""

    structure: bytes
    """The frontier of the structure document."""
    bodies: Mapping[FileId, bytes]
    """The frontier of each file that was shown. Spec: docs/protocol.md#snapshots."""

    def encode(self) -> bytes:
        """Sorted by file."""
        parts = [encode_varbytes(self.structure), encode_uvarint(len(self.bodies))]
        for file in sorted(self.bodies):
            parts += (decode_id(file), encode_varbytes(self.bodies[file]))
        return b"".join(parts)

    @classmethod
    def decode(cls, encoded: bytes) -> "ProjectVersion":
        """Raises RecordError."""
        reader = Reader(encoded, RecordError)
        structure = reader.varbytes(FRONTIER_BYTES_MAX)
        bodies: dict[FileId, bytes] = {}
        for _ in range(reader.uvarint(FILES_MAX)):
            file = encode_id(reader.take(FILE_BYTES))
            bodies[FileId(file)] = reader.varbytes(FRONTIER_BYTES_MAX)
        reader.end()
        return cls(structure, bodies)

    @property
    def id(self) -> str:
        """16 hexadecimal digits that tell it from others."""
        return blake2b(self.encode(), digest_size=8, person=b"SakyaVersion1").hexdigest()
