"""What `status` shows: read from the state on this device, and the folder's file times.

Imports nothing heavy and opens no vault, so that it answers in a moment.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sakya_sync.client.home import Home, project_of
from sakya_sync.errors import SakyaError
from sakya_sync.files.folder import Folder
from sakya_sync.files.lock import is_locked
from sakya_sync.ids import encode_id
from sakya_sync.store.database import DEVICE, open_for_reading, translated


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
    held: tuple[str, ...]
    """Paths of what is gone, or almost, and waits for `sakya approve` or `sakya put-back`."""


def summarize(folder: Path, home: Home) -> Summary:
    """Raises: FolderNotAProject, DatabaseCorrupt, PermissionMissing."""
    located = project_of(folder, home)
    database = located.state / "state.sqlite"
    connection = open_for_reading(database, DEVICE)
    try:
        with translated(database, DEVICE):
            return _read(connection, located.folder, located.state)
    finally:
        connection.close()


def _read(connection: sqlite3.Connection, folder: Path, state: Path) -> Summary:
    meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    rows = connection.execute(
        "SELECT path, size, mtime_ns, inode FROM base WHERE intended = 0"
    ).fetchall()
    (waiting,) = connection.execute(
        "SELECT count(*) FROM (SELECT room FROM record WHERE acked = 0 "
        "UNION SELECT room FROM pending)"
    ).fetchone()
    attention = connection.execute("SELECT path, reason FROM attention ORDER BY path").fetchall()
    held = connection.execute("SELECT path FROM held ORDER BY path").fetchall()
    synced = meta.get("synced-ms")
    changed = _changed(folder, {path: tuple(looks) for path, *looks in rows})
    # What cannot be synced is not waiting to be.
    unfit = {path for path, _ in attention} - {path for path, *_ in rows}
    return Summary(
        project=encode_id(meta.get("subject", b"")),
        name=meta.get("name", b"").decode("utf-8", "replace"),
        folder=folder,
        relay=meta.get("relay", b"").decode("utf-8", "replace"),
        files=len(rows),
        changed=tuple(path for path in changed if path not in unfit),
        waiting=waiting,
        synced_ms=None if synced is None else int.from_bytes(synced, "little"),
        busy=is_locked(state / "lock"),
        attention=tuple(attention),
        held=tuple(path for (path,) in held),
    )


def _changed(folder: Path, known: dict[str, tuple[int, int, int]]) -> tuple[str, ...]:
    """Paths that do not look as their bases have them, are new, or are gone."""
    try:
        scan = Folder(folder, folder).scan()
    except SakyaError:
        return ()
    found = scan.files
    different = [
        path
        for path, stat in found.items()
        if path not in known or not _same(known[path], (stat.size, stat.mtime_ns, stat.inode))
    ]
    gone = [path for path in known.keys() - found.keys() if not scan.leaves(path)]
    return tuple(sorted([*different, *gone]))


def _same(base: tuple[int, int, int], stat: tuple[int, int, int]) -> bool:
    # A base without a time was written moments before it was looked at: go by the size.
    return base == stat or (base[1] == 0 and base[0] == stat[0])
