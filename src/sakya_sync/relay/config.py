"""What a relay has to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final

from sakya_sync.wire.messages import Permission

LOCK: Final = "relay.lock"
"""Beside the records: held by the one relay that writes them."""


class Registration(StrEnum):
    """Whom a relay lets begin an account. Who has one may begin projects."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate chain and its key, in PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Quotas:
    """How much of a relay one subject, or one address, may take; 0 for as much as there is."""

    subject_bytes: int = 0
    subject_rooms: int = 0
    subject_records_per_second: int = 0
    address_connections: int = 0
    address_joins_per_second: int = 0


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """One relay."""

    host: str
    port: int
    """0 for any that is free."""
    data: Path
    """Where everything is kept; made if it is not there."""
    public_url: str | None = None
    """What devices call this relay, if not ws://HOST:PORT: tickets are made out to it."""
    admin: tuple[str, int] | None = None
    """Where health and metrics are served; nowhere, if None."""
    tls: TlsFiles | None = None
    """None behind a proxy that ends TLS, and where there is none."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Who is believed about the address that a connection comes from."""
    registration: Registration = Registration.OPEN
    quotas: Quotas = field(default_factory=Quotas)
    log_level: str = "info"
    plain_rooms: bool = False
    """Whether any client of the Loro Protocol may use rooms of its own, which are not sealed."""
    plain_tokens: Mapping[str, Permission] = field(default_factory=dict)
    """What plain rooms are joined with; where there is none, everybody may write in them."""

    def url(self, port: int) -> str:
        """The relay's public URL, once it listens on a port."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'ws' if self.tls is None else 'wss'}://{host}:{port}"
