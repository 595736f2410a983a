"""Rooms of a subject. Spec: docs/protocol.md#rooms."""

from typing import Final

from sakya_sync.client.home import encode_id
from sakya_sync.ids import RoomId, SubjectId

ACCESS: Final = "access"
STRUCTURE: Final = "structure"
HOME: Final = "home"


def room_id(subject: SubjectId, name: str) -> RoomId:
    """The room of a subject with that name."""
    return RoomId(f"{encode_id(subject)}/{name}")
