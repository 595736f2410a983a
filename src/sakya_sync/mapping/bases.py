"""Bases: what disk and document last agreed on, file by file, and what they agreed on before."""

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


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a file's base once was, and what a program may still have in its window."""

    frontier: bytes
    superseded: bool = False
    """Whether some program has saved the file since."""
