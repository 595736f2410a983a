"""Other tools that sync the same folder: two of them undo and double each other's work."""

from re import compile as pattern
from typing import Final

_MARKS: Final = (
    (".stfolder", "Syncthing"),
    (".stversions", "Syncthing"),
    (".dropbox", "Dropbox"),
    (".dropbox.cache", "Dropbox"),
    (".rslsync", "Resilio Sync"),
    (".owncloudsync.log", "ownCloud"),
    (".nextcloudsync.log", "Nextcloud"),
    (".tmp.driveupload", "Google Drive"),
    (".tmp.drivedownload", "Google Drive"),
)

_COPIES: Final = (
    (pattern(r"\.sync-conflict-\d{8}-\d{6}-\w+"), "Syncthing"),
    (pattern(r"\.Conflict(\.|$)"), "Resilio Sync"),
    (pattern(r"\((.*'s )?[Cc]onflicted copy.*\)"), "Dropbox or Nextcloud"),
)


def at_work(name: str) -> str | None:
    """Which tool keeps a file or folder of that name where it syncs."""
    return next((tool for mark, tool in _MARKS if name == mark), None)


def left_copy(name: str) -> str | None:
    """Which tool names files so that it could not merge."""
    return next((tool for copy, tool in _COPIES if copy.search(name)), None)


def warning(tool: str) -> str:
    """For the writer."""
    return (
        f"{tool} syncs this folder too, and two tools undo each other's work; let only one of them "
        "do it, or name this in .sakyaignore"
    )


def copy_warning(tool: str) -> str:
    """For the writer."""
    return f"{tool} left this copy, which is not synced; take what you need from it and delete it"
