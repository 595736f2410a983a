"""What the operating system complains of, as our errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS
from pathlib import Path

from sakya_sync.errors import DiskFull, LocalFault, PermissionMissing


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise DiskFull, PermissionMissing or LocalFault for an OSError."""
    try:
        yield
    except OSError as error:
        if error.errno in (ENOSPC, EDQUOT):
            raise DiskFull(path=path) from error
        if error.errno in (EACCES, EPERM, EROFS):
            raise PermissionMissing(path=path) from error
        raise LocalFault(f"{path}: {error.strerror or error}") from error
