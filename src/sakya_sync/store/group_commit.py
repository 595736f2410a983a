"""One writer, many batches: what gathers while a commit is under way goes into the next.

So one fsync serves many batches. A batch is done only once the commit that holds it is durable.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from sakya_sync.errors import LocalFault, SakyaError
from sakya_sync.store.database import Kind, transaction, translated
from sakya_sync.store.statements import Statements

Done: TypeAlias = Callable[[BaseException | None], None]
"""Called on the event loop: with nothing once a batch is durable, or with why it is not."""
Batch = TypeVar("Batch", bound=Statements)


def execute_all(connection: sqlite3.Connection, batches: Sequence[Statements]) -> None:
    """Execute the statements of all batches, in order."""
    for batch in batches:
        for statement in batch.statements:
            connection.execute(statement.sql, statement.parameters)


def awaited(queue: Callable[[Batch, Done], None], batch: Batch) -> asyncio.Future[None]:
    """Queue a batch; the future is done when the batch is."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def done(error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

    queue(batch, done)
    return future


@dataclass(frozen=True, slots=True)
class _Queued(Generic[Batch]):
    batch: Batch
    done: Done
    term: int | None
    """None for a batch that builds on no other."""


class GroupCommit(Generic[Batch]):
    """Owns a connection and a worker; all calls come from one event loop."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        kind: Kind,
        worker: Executor,
        write: Callable[[sqlite3.Connection, list[Batch]], None] = execute_all,
    ) -> None:
        """
        Args:
            worker: commits, one group after another.
            write: puts the batches of one commit into the database.
        """
        self.committed: Callable[[float, int, bool], None] = lambda _seconds, _batches, _ok: None
        """Told, by the worker, how long each commit took and how many batches it held."""
        self._connection = connection
        self._path = path
        self._kind = kind
        self._worker = worker
        self._write_all = write
        self._queue: list[_Queued[Batch]] = []
        self._under_way = False
        self._closed = False
        # Batches build on one another: after a failure, all that were made in the belief that it
        # had succeeded fail too, until the caller has seen it and says so.
        self._term = 0
        self._failed_term = -1

    def __len__(self) -> int:
        """How many batches wait for the commit under way to end."""
        return len(self._queue)

    def submit(self, batch: Batch, *, independent: bool = False) -> asyncio.Future[None]:
        """Queue a batch. The future fails with our error, and then nothing of it is stored.
        An empty batch is done once all that were queued before it are.

        Args: independent: it builds on no other batch, and none on it.
        """
        return awaited(partial(self.queue, independent=independent), batch)

    def queue(self, batch: Batch, done: Done, *, independent: bool = False) -> None:
        """The same for what need not wait: a future and a task cost more than the batch."""
        self._queue.append(_Queued(batch, done, None if independent else self._term))
        if not self._under_way:
            self._under_way = True
            # At the end of this turn of the loop: what it brings belongs together.
            asyncio.get_running_loop().call_soon(self._begin)

    def resume(self) -> None:
        """The caller has put right what it believed: take batches again."""
        self._term += 1

    def close(self, last: Callable[[sqlite3.Connection], None] | None = None) -> None:
        """Commit what is queued, then end the worker and the connection.

        Args: last: what else is to be done with the connection, on the caller's thread.
        """
        self._closed = True
        self._worker.shutdown(wait=True)
        group = self._take()
        _tell(group, self._commit(group))
        if last is not None:
            last(self._connection)
        self._connection.close()

    def _begin(self) -> None:
        group = [] if self._closed else self._take()
        if not group:
            self._under_way = False
            return
        commit = asyncio.get_running_loop().run_in_executor(self._worker, self._commit, group)
        commit.add_done_callback(lambda commit: self._ended(group, commit))

    def _ended(
        self, group: list[_Queued[Batch]], commit: asyncio.Future[SakyaError | None]
    ) -> None:
        outcome: BaseException | None
        if commit.cancelled():
            outcome = LocalFault("cut off")
        else:
            outcome = commit.exception() or commit.result()
        if isinstance(outcome, Exception) and not isinstance(outcome, SakyaError):
            _report(outcome)
        _tell(group, outcome)
        self._begin()

    def _take(self) -> list[_Queued[Batch]]:
        """What is queued, but for what was made in a belief that did not hold."""
        queued, self._queue = self._queue, []
        stale = [item for item in queued if self._is_stale(item)]
        if stale:
            _tell(stale, LocalFault("an earlier write failed"))
        return [item for item in queued if not self._is_stale(item)]

    def _is_stale(self, item: _Queued[Batch]) -> bool:
        return item.term is not None and item.term <= self._failed_term

    def _commit(self, group: list[_Queued[Batch]]) -> SakyaError | None:
        """On the worker; what kept the group from being stored."""
        if not group:
            return None
        started = time.monotonic()
        error = self._write(group)
        if error is not None:
            terms = [item.term for item in group if item.term is not None]
            self._failed_term = max(terms, default=self._failed_term)
        self.committed(time.monotonic() - started, len(group), error is None)
        return error

    def _write(self, group: list[_Queued[Batch]]) -> SakyaError | None:
        try:
            with (
                translated(self._path, self._kind),
                transaction(self._connection) as connection,
            ):
                self._write_all(connection, [item.batch for item in group])
        except SakyaError as error:
            return error
        return None


def _tell(group: Iterable[_Queued[Batch]], error: BaseException | None) -> None:
    for item in group:
        try:
            item.done(error)
        except Exception as fault:
            # As the loop treats what it calls itself: one that fails keeps no other waiting.
            _report(fault)


def _report(fault: Exception) -> None:
    context = {"message": "a commit, or what follows on it", "exception": fault}
    asyncio.get_running_loop().call_exception_handler(context)
