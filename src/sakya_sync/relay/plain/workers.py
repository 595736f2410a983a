"""Document workers as a relay sees them: processes that may break, and are started again."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from sakya_sync.errors import LocalFault, WireError
from sakya_sync.relay.plain.calls import LENGTH_BYTES, Call, Reply, Said, decode, encode

CALL_SECONDS_MAX: Final = 20.0
"""The longest that one call may take: a 20 MB history imports in less than a second."""
START_SECONDS_MAX: Final = 60.0


class WorkerBroke(Exception):
    """The process ended, or was ended, before it answered."""

    def __init__(self, *, at_it: bool) -> None:
        """Args: at_it: whether it was this call that it was busy with."""
        self.at_it = at_it
        super().__init__("a document worker broke")


class CallFailed(Exception):
    """The process could not do what it was asked, and goes on."""


class WorkerProcess:
    """One worker; a process is started when it is first needed, and again when it broke.

    Calls are answered in their order, so the oldest is always the one it is busy with.
    """

    def __init__(self, call_seconds_max: float = CALL_SECONDS_MAX) -> None:
        self.generation = 0
        """Which process this is: documents of another have to be opened again."""
        self._call_seconds_max = call_seconds_max
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._waiting: deque[asyncio.Future[Said]] = deque()
        self._busy_since = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process, where one runs."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Have a process. Raises LocalFault where none can be had, and once closed."""
        async with self._starting:
            if self._closed:
                raise LocalFault("the relay stops")
            if self._process is not None:
                return
            try:
                process = await _started()
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                raise LocalFault(f"no process for documents ({error})") from error
            self.generation += 1
            self._process = process
            self._tasks = [
                asyncio.create_task(self._listen(process)),
                asyncio.create_task(self._watch(process)),
            ]

    async def call(self, call: Call, room: int, fields: Sequence[bytes] = ()) -> Said:
        """Ask the running process. Raises WorkerBroke, CallFailed."""
        process = self._process
        if process is None:
            raise WorkerBroke(at_it=False)
        assert process.stdin is not None
        answer: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            self._busy_since = time.monotonic()
        self._waiting.append(answer)
        process.stdin.write(encode(call, room, fields))
        said = await answer
        if said.tag == Reply.FAILED:
            raise CallFailed(said.fields[0].decode("utf-8", "replace"))
        return said

    async def close(self) -> None:
        """End the process, and start no other."""
        async with self._starting:
            self._closed = True
            process = self._process
        if process is not None:
            _kill(process)
            await process.wait()
            listening, watching = self._tasks
            watching.cancel()
            await listening

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        try:
            while True:
                said = decode(await _read(process.stdout))
                answer = self._waiting.popleft()
                self._busy_since = time.monotonic()
                if not answer.done():
                    answer.set_result(said)
        except (asyncio.IncompleteReadError, WireError, IndexError, OSError):
            self._broke(process)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        while self._process is process:
            await asyncio.sleep(min(1.0, self._call_seconds_max / 4))
            if self._waiting and time.monotonic() - self._busy_since > self._call_seconds_max:
                _kill(process)

    def _broke(self, process: asyncio.subprocess.Process) -> None:
        _kill(process)
        if self._process is process:
            self._process = None
        at_it = True
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(WorkerBroke(at_it=at_it))
            at_it = False


async def _started() -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sakya_sync.relay.plain.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS_MAX):
            await _read(process.stdout)
    except BaseException:
        _kill(process)
        raise
    return process


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()


async def _read(stream: asyncio.StreamReader) -> bytes:
    length = await stream.readexactly(LENGTH_BYTES)
    return await stream.readexactly(int.from_bytes(length, "big"))


class Workers:
    """As many as there are documents for, up to a number; a room stays with its worker."""

    def __init__(self, count: int) -> None:
        self._workers = [WorkerProcess() for _ in range(count)]

    def of(self, room: int) -> WorkerProcess:
        """The worker of a room."""
        return self._workers[room % len(self._workers)]

    async def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            await worker.close()
