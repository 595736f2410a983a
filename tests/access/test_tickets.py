import random

import pytest

from sakya_sync.access.tickets import TICKET_BYTES, check_ticket, sign_ticket
from sakya_sync.errors import TicketReason, TicketRefused
from sakya_sync.ids import RoomId
from sakya_sync.wire.messages import Magic

from .people import digest, signing_key

DEVICE = signing_key("laptop")
URL, ROOM, NOW, NONCE = (
    "wss://relay.example",
    RoomId("subject/access"),
    1_800_000_000_000,
    b"n" * 16,
)
TICKET = sign_ticket(DEVICE, URL, Magic.SKA, ROOM, NOW, NONCE)


def reason(
    encoded: bytes, url: str = URL, magic: Magic = Magic.SKA, room: RoomId = ROOM, now: int = NOW
) -> TicketReason:
    with pytest.raises(TicketRefused) as caught:
        check_ticket(encoded, url, magic, room, now)
    return caught.value.reason


def test_a_ticket_proves_its_device() -> None:
    ticket = check_ticket(TICKET, URL, Magic.SKA, ROOM, NOW)
    assert len(TICKET) == TICKET_BYTES == 120
    assert (ticket.device, ticket.time_ms, ticket.nonce) == (DEVICE.public, NOW, NONCE)


def test_a_ticket_is_good_nowhere_else() -> None:
    assert reason(TICKET, url="wss://relay.example/") == TicketReason.SIGNATURE
    assert reason(TICKET, magic=Magic.ELO) == TicketReason.SIGNATURE
    assert reason(TICKET, room=RoomId("subject/home")) == TicketReason.SIGNATURE


@pytest.mark.parametrize("skew_ms", [-60_000, 0, 60_000])
def test_a_clock_may_be_a_minute_off(skew_ms: int) -> None:
    check_ticket(TICKET, URL, Magic.SKA, ROOM, NOW + skew_ms)


@pytest.mark.parametrize("skew_ms", [-60_001, 60_001, -NOW])
def test_and_not_more(skew_ms: int) -> None:
    assert reason(TICKET, now=NOW + skew_ms) == TicketReason.CLOCK


def test_the_clock_is_told_only_to_who_signed() -> None:
    stale = sign_ticket(DEVICE, URL, Magic.SKA, ROOM, 0, NONCE)
    assert reason(stale) == TicketReason.CLOCK
    assert reason(stale[:-1] + bytes([stale[-1] ^ 1])) == TicketReason.SIGNATURE
    assert reason(stale[:-1]) == TicketReason.MALFORMED


def test_every_single_flipped_bit_is_refused() -> None:
    for bit in range(TICKET_BYTES * 8):
        flipped = bytearray(TICKET)
        flipped[bit // 8] ^= 1 << bit % 8
        assert reason(bytes(flipped)) == TicketReason.SIGNATURE


def test_rubbish_is_refused_with_our_own_error() -> None:
    dice = random.Random(3)
    for length in [*range(200), *[120] * 200]:
        expected = TicketReason.SIGNATURE if length == 120 else TicketReason.MALFORMED
        assert reason(dice.randbytes(length)) == expected


def test_a_key_of_small_order_signs_nothing() -> None:
    stated = bytes([1]) + bytes(31) + NOW.to_bytes(8, "little") + NONCE
    assert reason(stated + bytes([1]) + bytes(63)) == TicketReason.SIGNATURE


def test_a_nonce_makes_another_ticket() -> None:
    other = sign_ticket(DEVICE, URL, Magic.SKA, ROOM, NOW, digest("other")[:16])
    assert other != TICKET
