"""Whether a file was read while no program of ours was running.

Linux sets a file's access time when it is read for the first time since it was last written, also
on a disk mounted with `relatime`, as most are. So a file that this program writes gets an access
time that no clock would give it.
"""

import os
import sys
from pathlib import Path
from typing import Final

from sakya_sync.mapping.stale import Read

# A whole second before the file's own time, and so many nanoseconds.
_MARK_NS: Final = 538_177_291
_SECOND_NS: Final = 1_000_000_000
# ST_NOATIME, which Python has no name for on every version.
_NEVER_SET: Final = 0x400


def mark(descriptor: int) -> None:
    """Let an open file that was just written look unread."""
    if sys.platform.startswith("linux"):
        written = os.fstat(descriptor).st_mtime_ns
        marked = (written // _SECOND_NS - 1) * _SECOND_NS + _MARK_NS
        os.utime(descriptor, ns=(marked, written))


def kept(folder: Path) -> bool:
    """Whether the disk that a folder is on keeps access times."""
    return sys.platform.startswith("linux") and not os.statvfs(folder).f_flag & _NEVER_SET


def read(path: Path) -> Read:
    """Whether a file was read since it was marked; of one that is gone nobody knows."""
    try:
        accessed = path.lstat().st_atime_ns
    except OSError:
        return Read.UNKNOWN
    return Read.NO if accessed % _SECOND_NS == _MARK_NS else Read.YES
