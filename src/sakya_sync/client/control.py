"""Asking the process that keeps a project in sync to do something for another one.

One process at a time writes a project's state. While `sakya watch` runs, that is it; other commands
hand it their errands over a loopback connection. Both prove by HMAC that they may read the state's
directory, which is its owner's alone (multiprocessing.connection).
"""

import asyncio
import contextlib
import json
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, Final, TypeAlias

from sakya_sync.errors import DeviceBusy, LocalFault, SakyaError, error_of

FILE: Final = "control"
MESSAGE_BYTES_MAX: Final = 64 * 1024 * 1024
ERRAND_SECONDS: Final = 120.0
LOOPBACK: Final = "127.0.0.1"

Errand: TypeAlias = dict[str, Any]
Run: TypeAlias = Callable[[Errand], Awaitable[Errand]]


@contextmanager
def taking_errands(state: Path, run: Run) -> Iterator[None]:
    """Do what other processes ask, one at a time, on the running event loop.

    Args: run: does one errand; raises SakyaError.
    """
    loop = asyncio.get_running_loop()
    key = secrets.token_bytes(32)
    listener = Listener((LOOPBACK, 0), authkey=key)
    address = state / FILE
    address.touch(mode=0o600)
    port = listener.address[1]
    address.write_text(json.dumps({"port": port, "key": key.hex()}), "ascii")
    over = threading.Event()
    thread = threading.Thread(target=_serve, args=(listener, over, loop, run), daemon=True)
    thread.start()
    try:
        yield
    finally:
        address.unlink(missing_ok=True)
        over.set()
        # Whoever waits for a caller has to be called.
        with contextlib.suppress(OSError):
            socket.create_connection((LOOPBACK, port), 1.0).close()
        listener.close()


def ask(state: Path, errand: Errand, busy: DeviceBusy) -> Errand:
    """Have an errand done. Raises what doing it raises; `busy` where nobody answers."""
    try:
        known = json.loads((state / FILE).read_text("ascii"))
        with Client((LOOPBACK, int(known["port"])), authkey=bytes.fromhex(known["key"])) as peer:
            peer.send_bytes(json.dumps(errand).encode())
            if not peer.poll(ERRAND_SECONDS):
                raise LocalFault("the process that keeps the project in sync does not answer")
            answer = json.loads(peer.recv_bytes(MESSAGE_BYTES_MAX))
    except (OSError, EOFError, ValueError, KeyError, AuthenticationError) as error:
        raise busy from error
    if "error" in answer:
        raise error_of(answer["error"]["code"], answer["error"]["details"])
    done: Errand = answer["done"]
    return done


def _serve(
    listener: Listener, over: threading.Event, loop: asyncio.AbstractEventLoop, run: Run
) -> None:
    while not over.is_set():
        # Callers may prove nothing, hang up, or ask for what is no errand.
        with (
            contextlib.suppress(AuthenticationError, OSError, EOFError, ValueError),
            listener.accept() as peer,
        ):
            _answer(peer, loop, run)


def _answer(peer: Connection, loop: asyncio.AbstractEventLoop, run: Run) -> None:
    errand = json.loads(peer.recv_bytes(MESSAGE_BYTES_MAX))
    try:
        work = asyncio.run_coroutine_threadsafe(_done(run, errand), loop)
        answer: Errand = {"done": work.result(ERRAND_SECONDS)}
    except Exception as error:
        known = error if isinstance(error, SakyaError) else LocalFault(f"it failed: {error}")
        answer = {"error": {"code": known.code, "details": known.details}}
    peer.send_bytes(json.dumps(answer).encode())


async def _done(run: Run, errand: Errand) -> Errand:
    return await run(errand)
