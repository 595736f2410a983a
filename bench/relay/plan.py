"""What a load generator does: a file of prepared WebSocket frames.

Little-endian 32-bit numbers; byte strings are padded to four bytes. First the numbers of
connections and rooms; then for each connection its room, its wave (waves open one after the
other), its role (1 writes, 2 reads), how many answers make it ready, its path, the frames that it
greets with, how many frames it has to send, where each ends, and these frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from struct import pack


@dataclass(frozen=True, slots=True)
class Frames:
    """Masked WebSocket frames, one after the other."""

    ends: tuple[int, ...] = ()
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Participant:
    """One connection."""

    room: int
    wave: int = 0
    writes: bool = False
    reads: bool = False
    path: str = "/"
    greeting: Sequence[bytes] = ()
    """Messages that it sends once it is open."""
    answers: int = 1
    """How many of the answers that mean "you are in" make it ready."""
    frames: Frames = Frames()


def frames(messages: Sequence[bytes]) -> Frames:
    """Messages as a client sends them."""
    framed = [frame(message) for message in messages]
    return Frames(tuple(accumulate(map(len, framed))), b"".join(framed))


def frame(message: bytes) -> bytes:
    """One binary frame. Masked with zeros: the server still has to unmask, and we need not mask."""
    size = len(message)
    if size < 126:
        head = bytes((0x82, 0x80 | size))
    elif size < 65_536:
        head = bytes((0x82, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x82, 0x80 | 127)) + size.to_bytes(8, "big")
    return head + bytes(4) + message


def write_plan(path: Path, participants: Sequence[Participant]) -> None:
    """The file."""
    rooms = 1 + max(participant.room for participant in participants)
    with path.open("wb") as file:
        file.write(pack("<II", len(participants), rooms))
        for one in participants:
            greeting = b"".join(map(frame, one.greeting))
            role = one.writes | one.reads << 1
            ends = one.frames.ends
            file.write(pack("<IIII", one.room, one.wave, role, one.answers))
            file.write(_padded(one.path.encode()) + _padded(greeting))
            file.write(pack(f"<I{len(ends)}I", len(ends), *ends))
            file.write(one.frames.data + bytes(-len(one.frames.data) % 4))


def _padded(content: bytes) -> bytes:
    return pack("<I", len(content)) + content + bytes(-len(content) % 4)
