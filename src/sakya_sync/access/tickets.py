"""Join tickets: one signature proves a device for its connection, without a round trip.

A ticket names the relay, the magic and the room, so none can be used elsewhere. That none is used
twice is the relay's to ensure, which remembers nonces durably. Spec: docs/protocol.md#join.
"""

from dataclasses import dataclass
from typing import Final

from sakya_sync.errors import RemoteViolation, TicketReason, TicketRefused
from sakya_sync.ids import DeviceId, PublicKey, RoomId
from sakya_sync.limits import TICKET_WINDOW_SECONDS
from sakya_sync.seal.keys import SigningKey, verify
from sakya_sync.wire.messages import Magic

TICKET_BYTES: Final = 120
NONCE_BYTES: Final = 16

_CONTEXT = b"sakya-sync/join-ticket/1\0"
_SIGNED_BYTES = 56


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an accepted ticket proves: that this device asked for this, at about this time."""

    device: DeviceId
    time_ms: int
    nonce: bytes


def sign_ticket(
    device_key: SigningKey,
    relay_url: str,
    magic: Magic,
    room: RoomId,
    time_ms: int,
    nonce: bytes,
) -> bytes:
    """A ticket of 120 bytes.

    Args:
        relay_url: the relay's public URL, exactly as the relay knows it.
        time_ms: now, in milliseconds since 1970, by the relay's clock as far as it is known.
        nonce: 16 bytes never used before.
    """
    assert len(nonce) == NONCE_BYTES
    stated = device_key.public + time_ms.to_bytes(8, "little") + nonce
    return stated + device_key.sign(_CONTEXT, _scope(relay_url, magic, room) + stated)


def check_ticket(encoded: bytes, relay_url: str, magic: Magic, room: RoomId, now_ms: int) -> Ticket:
    """Verify a ticket: its layout, then its signature, then its time.

    Nothing in a ticket is secret, and the signature is checked in constant time; the clock comes
    last, so that only the device itself learns how far its clock is off.

    Raises: TicketRefused, whose `reason` says which of the three.
    """
    if len(encoded) != TICKET_BYTES:
        raise TicketRefused(TicketReason.MALFORMED)
    stated, signature = encoded[:_SIGNED_BYTES], encoded[_SIGNED_BYTES:]
    device = PublicKey(stated[:32])
    try:
        verify(device, _CONTEXT, _scope(relay_url, magic, room) + stated, signature)
    except RemoteViolation:
        raise TicketRefused(TicketReason.SIGNATURE) from None
    time_ms = int.from_bytes(stated[32:40], "little")
    if abs(now_ms - time_ms) > TICKET_WINDOW_SECONDS * 1000:
        raise TicketRefused(TicketReason.CLOCK)
    return Ticket(DeviceId(device), time_ms, stated[40:])


def _scope(relay_url: str, magic: Magic, room: RoomId) -> bytes:
    return _lp(relay_url.encode()) + magic.value + _lp(room.encode())


def _lp(content: bytes) -> bytes:
    return len(content).to_bytes(4, "little") + content
