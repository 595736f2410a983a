from dataclasses import replace

import pytest

from access.people import digest
from sakya_sync.errors import LinkingError
from sakya_sync.linking.payload import Intent
from sakya_sync.linking.shown import Scanning, Showing, share_of

from .pair import SCANNED, SHOWN, payload

SMALL = [
    bytes(32),
    b"\1" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
]


@pytest.mark.parametrize("intent", Intent)
def test_both_meet_with_the_same_digits_and_the_scanner_shows_them(intent: Intent) -> None:
    showing, scanning = Showing(payload(intent), SHOWN), Scanning(payload(intent), SCANNED)
    first = scanning.begin()
    assert first is not None
    assert len(first) == 58
    assert showing.begin() is None
    answered = showing.take(first)
    assert answered.answer is not None
    assert len(answered.answer) == 23
    met = scanning.take(answered.answer).met
    assert met is not None
    assert answered.met is not None
    assert met.check_code == answered.met.check_code
    assert (met.shows_code, answered.met.shows_code) == (True, False)
    assert met.channel.send_key == answered.met.channel.receive_key
    assert met.channel.send_key != met.channel.receive_key


@pytest.mark.parametrize("point", SMALL, ids=lambda point: point.hex()[:4])
def test_points_of_small_order_are_refused_on_both_sides(point: bytes) -> None:
    code = payload(Intent.EXISTING_SHOWS)
    with pytest.raises(LinkingError):
        Showing(code, SHOWN).take(point + bytes(26))
    with pytest.raises(LinkingError):
        Scanning(replace(code, share=point), SCANNED)


@pytest.mark.parametrize("message", [b"", b"x", bytes(31), digest("a") + bytes(26)])
def test_rubbish_meets_nobody(message: bytes) -> None:
    with pytest.raises(LinkingError):
        Showing(payload(Intent.EXISTING_SHOWS), SHOWN).take(message)


def test_the_optical_secret_alone_makes_the_difference() -> None:
    code = payload(Intent.EXISTING_SHOWS)
    first = Scanning(replace(code, optical=bytes(16)), SCANNED).begin()
    assert first is not None
    with pytest.raises(LinkingError):
        Showing(code, SHOWN).take(first)


def test_a_share_is_a_public_key_of_its_own() -> None:
    assert share_of(SHOWN) != share_of(SCANNED)
    assert len(share_of(SHOWN)) == 32
