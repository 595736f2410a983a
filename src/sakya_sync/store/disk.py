"""The computer's own disk."""

import sqlite3
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Final

BUSY_SECONDS: Final = 5.0


class SystemDisk:
    """`ports.Disk`: databases are files, and threads wait for them."""

    def connect(self, path: Path) -> sqlite3.Connection:
        """A connection for one thread at a time. Raises what sqlite3 raises."""
        return sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )

    def worker(self, name: str) -> Executor:
        """A thread that is started when it is first needed."""
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)


SYSTEM_DISK: Final = SystemDisk()
