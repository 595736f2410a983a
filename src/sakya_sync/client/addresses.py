"""Addresses of relays."""

from urllib.parse import urlsplit

from sakya_sync.errors import AddressInvalid


def relay_address(typed: str) -> str:
    """A relay's URL as its tickets name it: scheme and host in lower case, no trailing slash.

    Raises AddressInvalid.
    """
    try:
        parts = urlsplit(typed.strip())
        port = parts.port
    except ValueError:
        raise AddressInvalid(address=typed) from None
    host = parts.hostname
    odd = parts.username or parts.password or parts.query or parts.fragment
    if parts.scheme.lower() not in ("ws", "wss") or not host or odd:
        raise AddressInvalid(address=typed)
    shown = f"[{host}]" if ":" in host else host
    place = shown if port is None else f"{shown}:{port}"
    return f"{parts.scheme.lower()}://{place}{parts.path.rstrip('/')}"
