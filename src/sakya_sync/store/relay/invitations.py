"""Invitations to begin an account, given out beside a relay that may be running."""

from contextlib import closing
from pathlib import Path

from sakya_sync.store.database import RELAY, open_database, transaction, translated
from sakya_sync.store.relay.store import FILE


def add_invitation(directory: Path, digest: bytes, uses: int, expires_ms: int) -> None:
    """Take one in. Raises DatabaseCorrupt, DiskFull, PermissionMissing, LocalFault."""
    path = directory / FILE
    with (
        closing(open_database(path, RELAY, create=True)) as connection,
        translated(path, RELAY),
        transaction(connection),
    ):
        connection.execute(
            "INSERT INTO invitation (digest, uses, expires_ms) VALUES (?, ?, ?)",
            (digest, uses, expires_ms),
        )
