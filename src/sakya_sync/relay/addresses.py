"""Addresses: where to listen, and where a connection comes from."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from sakya_sync.errors import AddressInvalid

NETWORK_BITS = 64
"""Of an IPv6 address; whoever has one has all that share these."""


def parse_address(listen: str, *, host: str = "") -> tuple[str, int]:
    """Host and port of HOST:PORT. Raises AddressInvalid.

    Args: host: the one meant where only a port is given, if that is allowed.
    """
    named, separator, port = listen.rpartition(":")
    named = named.strip("[]") or host
    if (not separator and not host) or not named:
        raise AddressInvalid(address=listen)
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise AddressInvalid(address=listen)
    return named, int(port)


def origin(
    peer: str, forwarded: Sequence[str], trusted: Sequence[IPv4Network | IPv6Network]
) -> str:
    """The address that a connection comes from, as far as it can be believed.

    Args:
        peer: the other end of the connection itself.
        forwarded: the values of its X-Forwarded-For headers: each proxy adds, at the end, whom
            it was called by.
    """
    address = _parsed(peer)
    hops = [hop.strip() for value in forwarded for hop in value.split(",")]
    while hops and address is not None and _among(address, trusted):
        named = _parsed(hops.pop())
        if named is None:
            break
        address = named
    return peer if address is None else str(address)


def group(address: str) -> str:
    """What is counted as one address."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, NETWORK_BITS), strict=False))
    return address


def is_loopback(address: str) -> bool:
    """Whether that is this computer."""
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _among(
    address: IPv4Address | IPv6Address, networks: Sequence[IPv4Network | IPv6Network]
) -> bool:
    return any(address in network for network in networks if network.version == address.version)
