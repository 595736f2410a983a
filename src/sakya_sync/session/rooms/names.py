"""Room names, taken apart. Spec: docs/protocol.md#rooms."""

from dataclasses import dataclass, field
from string import ascii_letters, digits
from typing import Final

from sakya_sync.ids import PublicKey, RoomId, SubjectId, decode_id, encode_id
from sakya_sync.session.rooms.table import SEALED
from sakya_sync.wire.messages import Magic

ACCESS: Final = "access"
_SUBJECT_CHARACTERS = 43
_NAME_CHARACTERS = frozenset(ascii_letters + digits + "-_")


@dataclass(frozen=True, slots=True)
class RoomName:
    """A room of a subject."""

    subject: SubjectId
    name: str
    room: RoomId = field(init=False, compare=False)
    """The whole name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "room", room_id(self.subject, self.name))


def room_id(subject: SubjectId, name: str) -> RoomId:
    """The room of a subject with that name."""
    return RoomId(f"{encode_id(subject)}/{name}")


def parse_room(magic: Magic, room: RoomId) -> RoomName | None:
    """The parts of a name that such a room may have; None for any other."""
    subject, separator, name = room.partition("/")
    if not separator or len(subject) != _SUBJECT_CHARACTERS or not name:
        return None
    if not _NAME_CHARACTERS.issuperset(name) or not _NAME_CHARACTERS.issuperset(subject):
        return None
    if magic not in SEALED or (magic is Magic.SKA) != (name == ACCESS):
        return None
    key = decode_id(subject)
    parsed = RoomName(SubjectId(PublicKey(key)), name)
    # One room, one name: the last character carries bits that a decoder ignores.
    return parsed if parsed.room == room else None
