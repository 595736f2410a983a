"""One writer thread, many writers: what gathers while a commit is under way goes into the next.

So one fsync serves many batches. A batch is done only once the commit that holds it is durable.
"""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import TypeAlias

from sakya_sync.errors import LocalFault, SakyaError
from sakya_sync.store.database import Kind, transaction, translated
from sakya_sync.store.statements import Statements

Queued: TypeAlias = tuple[Statements, "asyncio.Future[None]", int | None]


class GroupCommit:
    """Owns a connection and a thread; `submit` from one event loop."""

    def __init__(self, connection: sqlite3.Connection, path: Path, kind: Kind) -> None:
        self.committed: Callable[[float, int, bool], None] = lambda _seconds, _batches, _ok: None
        """Told, on the writer thread, how long each commit took and how many batches it held."""
        self._connection = connection
        self._path = path
        self._kind = kind
        self._queue: deque[Queued] = deque()
        self._wake = Condition()
        self._closing = False
        # Batches build on one another: after a failure, all that were made in the belief that it
        # had succeeded fail too, until the loop has seen it and says so.
        self._term = 0
        self._failed_term = -1
        self._thread = Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """How many batches wait for the commit under way to end."""
        return len(self._queue)

    def submit(self, batch: Statements, *, independent: bool = False) -> asyncio.Future[None]:
        """Queue a batch. The future fails with our error, and then nothing of it is stored.

        Args: independent: it builds on no other batch, and none on it.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._wake:
            self._queue.append((batch, future, None if independent else self._term))
            self._wake.notify()
        return future

    def resume(self) -> None:
        """The loop has put right what it believed: take batches again."""
        with self._wake:
            self._term += 1

    def close(self) -> None:
        """Commit what is queued, then end the thread and the connection."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._queue and not self._closing:
                    self._wake.wait()
                if not self._queue:
                    return
                taken = list(self._queue)
                self._queue.clear()
            stale = [item for item in taken if self._is_stale(item)]
            group = [item for item in taken if not self._is_stale(item)]
            error = self._commit(group)
            if error is not None:
                terms = (term for _, _, term in group if term is not None)
                self._failed_term = max(terms, default=self._failed_term)
            refusal = LocalFault("an earlier write failed")
            _finish([(future, refusal) for _, future, _ in stale])
            _finish([(future, error) for _, future, _ in group])

    def _is_stale(self, item: Queued) -> bool:
        return item[2] is not None and item[2] <= self._failed_term

    def _commit(self, group: list[Queued]) -> SakyaError | None:
        if not group:
            return None
        started = time.monotonic()
        error = self._write(group)
        self.committed(time.monotonic() - started, len(group), error is None)
        return error

    def _write(self, group: list[Queued]) -> SakyaError | None:
        try:
            with (
                translated(self._path, self._kind),
                transaction(self._connection) as connection,
            ):
                for batch, _, _ in group:
                    for statement in batch.statements:
                        connection.execute(statement.sql, statement.parameters)
        except SakyaError as error:
            return error
        return None


def _finish(outcomes: list[tuple[asyncio.Future[None], SakyaError | None]]) -> None:
    if not outcomes:
        return
    # The loop may have been closed while the last commit ran.
    with suppress(RuntimeError):
        outcomes[0][0].get_loop().call_soon_threadsafe(_resolve, outcomes)


def _resolve(outcomes: list[tuple[asyncio.Future[None], SakyaError | None]]) -> None:
    for future, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
