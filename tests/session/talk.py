"""A client session and a relay session that hear each other."""

from sakya_sync.ids import BatchId, RoomId
from sakya_sync.session.client import ClientSession
from sakya_sync.session.relay import JoinAsked, RelaySession
from sakya_sync.wire.messages import JoinErrorCode, Magic, Permission

ROOM = RoomId("subject/structure")
KEY = (Magic.ELO, ROOM)
BATCH = BatchId(b"12345678")
NOW = 1000.0


def opened() -> ClientSession:
    client = ClientSession(dice=lambda: 0.5)
    client.start()
    client.events()
    client.opened(NOW)
    return client


def exchange(client: ClientSession, relay: RelaySession, now: float = NOW) -> None:
    """Deliver everything queued, both ways."""
    for _ in range(10):
        up, down = client.outgoing(), relay.outgoing()
        if not up and not down:
            return
        for frame in up:
            relay.receive(frame, now)
        for frame in down:
            client.receive(frame, now)
    raise AssertionError("they never stop")


def joined(permission: Permission = Permission.WRITE) -> tuple[ClientSession, RelaySession]:
    client, relay = opened(), RelaySession(NOW)
    client.join(*KEY, b"\x00", b"payload", NOW)
    exchange(client, relay)
    assert relay.events() == [JoinAsked(*KEY, b"payload", b"\x00")]
    relay.accept_join(*KEY, permission, b"\x00", b"extra")
    exchange(client, relay)
    return client, relay


def refused(code: JoinErrorCode) -> ClientSession:
    client, relay = opened(), RelaySession(NOW)
    client.join(*KEY, b"\x00", b"", NOW)
    exchange(client, relay)
    relay.refuse_join(*KEY, code, "no")
    exchange(client, relay)
    return client
