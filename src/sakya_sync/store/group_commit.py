"""One writer, many batches: what gathers while a commit is under way goes into the next.

So one fsync serves many batches. A batch is done only once the commit that holds it is durable.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from sakya_sync.errors import LocalFault, SakyaError
from sakya_sync.store.database import Kind, transaction, translated
from sakya_sync.store.statements import Statements


@dataclass(frozen=True, slots=True)
class _Queued:
    batch: Statements
    done: asyncio.Future[None]
    term: int | None
    """None for a batch that builds on no other."""


class GroupCommit:
    """Owns a connection and a worker; all calls come from one event loop."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, kind: Kind, worker: Executor
    ) -> None:
        """Args: worker: commits, one group after another."""
        self.committed: Callable[[float, int, bool], None] = lambda _seconds, _batches, _ok: None
        """Told, by the worker, how long each commit took and how many batches it held."""
        self._connection = connection
        self._path = path
        self._kind = kind
        self._worker = worker
        self._queue: list[_Queued] = []
        self._under_way = False
        self._closed = False
        # Batches build on one another: after a failure, all that were made in the belief that it
        # had succeeded fail too, until the caller has seen it and says so.
        self._term = 0
        self._failed_term = -1

    def __len__(self) -> int:
        """How many batches wait for the commit under way to end."""
        return len(self._queue)

    def submit(self, batch: Statements, *, independent: bool = False) -> asyncio.Future[None]:
        """Queue a batch. The future fails with our error, and then nothing of it is stored.
        An empty batch is done once all that were queued before it are.

        Args: independent: it builds on no other batch, and none on it.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._queue.append(_Queued(batch, future, None if independent else self._term))
        if not self._under_way:
            self._under_way = True
            # At the end of this turn of the loop: what it brings belongs together.
            loop.call_soon(self._begin)
        return future

    def resume(self) -> None:
        """The caller has put right what it believed: take batches again."""
        self._term += 1

    def close(self) -> None:
        """Commit what is queued, then end the worker and the connection."""
        self._closed = True
        self._worker.shutdown(wait=True)
        group = self._take()
        _resolve(group, self._commit(group))
        self._connection.close()

    def _begin(self) -> None:
        group = [] if self._closed else self._take()
        if not group:
            self._under_way = False
            return
        commit = asyncio.get_running_loop().run_in_executor(self._worker, self._commit, group)
        commit.add_done_callback(lambda commit: self._ended(group, commit))

    def _ended(self, group: list[_Queued], commit: asyncio.Future[SakyaError | None]) -> None:
        outcome: BaseException | None
        if commit.cancelled():
            outcome = LocalFault("cut off")
        else:
            outcome = commit.exception() or commit.result()
        _resolve(group, outcome)
        self._begin()

    def _take(self) -> list[_Queued]:
        """What is queued, but for what was made in a belief that did not hold."""
        queued, self._queue = self._queue, []
        stale = [item for item in queued if self._is_stale(item)]
        if stale:
            _resolve(stale, LocalFault("an earlier write failed"))
        return [item for item in queued if not self._is_stale(item)]

    def _is_stale(self, item: _Queued) -> bool:
        return item.term is not None and item.term <= self._failed_term

    def _commit(self, group: list[_Queued]) -> SakyaError | None:
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

    def _write(self, group: list[_Queued]) -> SakyaError | None:
        try:
            with (
                translated(self._path, self._kind),
                transaction(self._connection) as connection,
            ):
                for item in group:
                    for statement in item.batch.statements:
                        connection.execute(statement.sql, statement.parameters)
        except SakyaError as error:
            return error
        return None


def _resolve(group: Iterable[_Queued], error: BaseException | None) -> None:
    for item in group:
        if item.done.done():
            continue
        if error is None:
            item.done.set_result(None)
        else:
            item.done.set_exception(error)
