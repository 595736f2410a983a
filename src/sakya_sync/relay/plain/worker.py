"""A document worker: the process that plain rooms with a library of their own live in.

A crafted update that makes a library panic, take all memory, or never end costs this process and
nothing else; its relay starts another, without that update.
"""

import os
import signal
import sys
from contextlib import suppress
from typing import BinaryIO, Final

from sakya_sync.errors import UpdateInvalid
from sakya_sync.relay.plain.calls import LENGTH_BYTES, Call, Reply, Said, Verdict, decode, encode
from sakya_sync.session.rooms.plain import DocumentRoom, VersionUnknown
from sakya_sync.session.rooms.table import PLAIN, DocumentPolicy
from sakya_sync.wire.messages import Magic

MEMORY_BYTES_MAX: Final = 4 * 1024**3

_ENDS = (KeyboardInterrupt, SystemExit)


class Worker:
    """The documents of one process, by the relay's numbers for their rooms."""

    def __init__(self) -> None:
        self._rooms: dict[int, DocumentRoom] = {}

    def answer(self, said: Said) -> bytes:
        """Do what is asked; whatever a library raises becomes an answer."""
        try:
            return self._do(Call(said.tag), said.room, said.fields)
        except _ENDS:
            raise
        except BaseException as error:
            return encode(Reply.FAILED, said.room, (str(error)[:200].encode(),))

    def _do(self, call: Call, number: int, fields: tuple[bytes, ...]) -> bytes:
        match call:
            case Call.OPEN:
                policy = PLAIN[Magic(fields[0])]
                assert isinstance(policy, DocumentPolicy)
                room = policy.make()
                room.restore(fields[1:])
                self._rooms[number] = room
            case Call.WELCOME:
                welcome = self._rooms[number].welcome(fields[0])
                if isinstance(welcome, VersionUnknown):
                    return encode(Reply.UNKNOWN_VERSION, number, (welcome.version,))
                return encode(Reply.DONE, number, (welcome.version, *welcome.updates))
            case Call.TAKE:
                room = self._rooms[number]
                verdicts = bytes(_taken(room, update) for update in fields)
                return encode(Reply.DONE, number, (verdicts,))
            case Call.CONDENSE:
                body = self._rooms[number].condense()
                return encode(Reply.DONE, number, () if body is None else (body,))
            case Call.CLOSE:
                self._rooms.pop(number, None)
        return encode(Reply.DONE, number)


def _taken(room: DocumentRoom, update: bytes) -> Verdict:
    try:
        return Verdict.NEW if room.take(update) else Verdict.HELD
    except UpdateInvalid:
        return Verdict.INVALID


def serve(calls: BinaryIO, replies: BinaryIO) -> None:
    """Say that calls may come, then answer them until the relay has gone."""
    worker = Worker()
    replies.write(encode(Reply.DONE, 0))
    replies.flush()
    while len(length := calls.read(LENGTH_BYTES)) == LENGTH_BYTES:
        frame = calls.read(int.from_bytes(length, "big"))
        replies.write(worker.answer(decode(frame)))
        replies.flush()


def main() -> None:
    """Serve the relay at the other ends of standard input and output."""
    # Ctrl-C reaches the whole group; a worker ends with its relay, not before it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Windows has no such limits.
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library prints must not reach the relay's ear.
    replies = os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
