from sakya_sync.session.client_events import (
    Acked,
    Evicted,
    Joined,
    JoinRefused,
    RoomEvent,
    Updates,
)
from sakya_sync.wire.messages import AckStatus, JoinErrorCode, Permission, RoomErrorCode

from .talk import BATCH, KEY


def test_every_event_of_a_room_names_it() -> None:
    events: list[RoomEvent] = [
        Joined(*KEY, Permission.READ, b"", b""),
        JoinRefused(*KEY, JoinErrorCode.AUTH_FAILED, "", ""),
        Updates(*KEY, ()),
        Acked(*KEY, BATCH, AckStatus.OK),
        Evicted(*KEY, RoomErrorCode.EVICTED, ""),
    ]
    assert all((event.magic, event.room) == KEY for event in events)
