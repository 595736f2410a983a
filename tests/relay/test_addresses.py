"""Where a connection comes from is what trusted proxies say, and nobody else."""

from ipaddress import ip_network

import pytest

from sakya_sync.errors import AddressInvalid
from sakya_sync.relay.addresses import group, is_loopback, origin, parse_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("203.0.113.5",), "192.0.2.1"),
        ("10.0.0.1", ("203.0.113.5",), "203.0.113.5"),
        ("::ffff:10.0.0.1", ("203.0.113.5",), "203.0.113.5"),
        ("::1", ("203.0.113.5",), "203.0.113.5"),
        ("10.0.0.1", ("198.51.100.9, 203.0.113.5",), "203.0.113.5"),
        ("10.0.0.1", ("198.51.100.9", "203.0.113.5, 10.1.1.1"), "203.0.113.5"),
        ("10.0.0.1", ("10.2.2.2",), "10.2.2.2"),
        ("10.0.0.1", ("nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("[2001:db8::1]",), "2001:db8::1"),
        ("10.0.0.1", (), "10.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    peer: str, forwarded: tuple[str, ...], found: str
) -> None:
    assert origin(peer, forwarded, PROXIES) == found


def test_whoever_has_an_ipv6_network_counts_once() -> None:
    assert group("2001:db8::1") == group("2001:db8::2:3") != group("2001:db8:0:1::1")
    assert group("192.0.2.1") != group("192.0.2.2")
    assert group("unknown") == "unknown"


def test_loopback_is_known_in_every_spelling() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::1%lo")))
    assert not any(map(is_loopback, ("192.0.2.1", "2001:db8::1", "", "localhost")))


def test_an_address_to_listen_on_is_taken_apart() -> None:
    assert parse_address("0.0.0.0:7450") == ("0.0.0.0", 7450)
    assert parse_address("[::1]:0") == ("::1", 0)
    for admin in (":7451", "7451"):
        assert parse_address(admin, host="127.0.0.1") == ("127.0.0.1", 7451)
    for wrong in ("here", "7450", ":7450", "a:b", "a:70000", "a:", ""):
        with pytest.raises(AddressInvalid):
            parse_address(wrong)
