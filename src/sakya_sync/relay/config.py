"""What a relay has to be told."""

from dataclasses import dataclass
from pathlib import Path


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

    def url(self, port: int) -> str:
        """The relay's public URL, once it listens on a port."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ws://{host}:{port}"
