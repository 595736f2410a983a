"""What `status` shows: read from the state on this device, and the folder's file times.

Imports nothing heavy and opens no vault, so that it answers in a moment.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sakya_sync.client.home import Home, project_of
from sakya_sync.errors import SakyaError
from sakya_sync.files.folder import Folder
from sakya_sync.store.device.database import open_for_reading, translated


@dataclass(frozen=True, slots=True)
class Summary:
    """A project as this device sees it now."""

    project: str
    name: str
    folder: Path
    relay: str
    files: int
    changed: tuple[str, ...]
    """Paths that look different from what was last synced."""
    waiting: int
    """Rooms with something the relay does not hold yet."""
    synced_ms: int | None
    """When everything was last the same everywhere, in ms since 1970."""
    busy: bool
    """Whether another process keeps the project in sync now."""
    attention: tuple[tuple[str, str], ...]
    """(path, reason) for what a writer should look at."""


def summarize(folder: Path, home: Home) -> Summary:
    """Raises: FolderNotAProject, DatabaseCorrupt, PermissionMissing."""
    located = project_of(folder, home)
    database = located.state / "state.sqlite"
    connection = open_for_reading(database)
    try:
        with translated(database):
            return _read(connection, located.folder, located.state)
    finally:
        connection.close()
