"""Bases: what disk and document last agreed on, file by file."""

from dataclasses import dataclass

from sakya_sync.ids import FileId


@dataclass(frozen=True, slots=True)
class Base:
    """One file's."""

    file: FileId
    path: str
    """As it is on this disk; documents hold it in NFC."""
    digest: bytes
    """Of the bytes on disk."""
    size: int
    mtime_ns: int
    """Zero when the file was written too recently to go by its time."""
    inode: int
    executable: bool
    eol: str
    bom: bool
    frontier: bytes
    """Of the body document when it rendered as these bytes."""
