"""Bases, entries and files, with little said of each."""

from sakya_sync.ids import FileId
from sakya_sync.mapping.bases import Base
from sakya_sync.mapping.content import Kind, digest_of
from sakya_sync.mapping.local import Found
from sakya_sync.mapping.structure import Entry
from sakya_sync.record.versions import VersionVector


def file(name: str) -> FileId:
    return FileId(name.ljust(43, "_")[:43])


def base(path: str, data: bytes = b"", inode: int = 0, name: str = "") -> Base:
    return Base(
        file(name or path), path, digest_of(data), len(data), 1, inode, False, "lf", False, b""
    )


def found(path: str, data: bytes | None = b"", inode: int = 0) -> Found:
    return Found(path, len(data or b""), 2, inode, False, data)


def entry(name: str, path: str, deleted: VersionVector | None = None) -> Entry:
    return Entry(file(name), path, Kind.TEXT, deleted=deleted)
