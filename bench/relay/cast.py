"""Who takes part in a run, and what each of them says, in the dialect of the relay at hand."""

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from bench.relay.generator import CACHE
from bench.relay.plan import Frames, Participant, frames
from bench.relay.world import Room, Writer

from sakya_sync.access.payload import JoinPayload
from sakya_sync.ids import BatchId, KeyId, PeerId, RoomId
from sakya_sync.record import header as headers
from sakya_sync.record import record as records
from sakya_sync.record.container import pack
from sakya_sync.record.header import DeltaHeader
from sakya_sync.record.spans import Span
from sakya_sync.wire.codec import encode
from sakya_sync.wire.messages import DocUpdate, JoinRequest, Magic
from sakya_sync.wire.varint import encode_uvarint, encode_varbytes


@dataclass(frozen=True, slots=True)
class Cast:
    """How many take part."""

    rooms: int = 1
    writers: int = 1
    """In each room."""
    readers: int = 1
    """In each room, besides."""
    updates: int = 0
    """Of each writer."""
    size: int = 200
    """What an update weighs, in bytes; a sealed one weighs more for the same words."""
    new_to_relay: bool = True
    """Whether the relay has to be told about them."""


Dialect: TypeAlias = Callable[[Cast], list[Participant]]
CHARACTERS_OF_YJS = 180
_ELO_OVERHEAD = 33
_KEY_ID = KeyId(b"bench-key-1")


def sealed(cast: Cast) -> list[Participant]:
    """Ours: SR1 records of devices with certificates and tickets."""
    found: list[Participant] = []
    for number in range(cast.rooms):
        room = Room(number, cast.writers)
        for place, writer in enumerate(room.writers):
            introduction = room.introduction() if place == 0 and cast.new_to_relay else ()
            prepared = _prepared(cast, number, place, room, writer)
            greeting = [_sealed_join(room, place, introduction)]
            # The first of a room tells the relay who its members are.
            found.append(Participant(number, place > 0, True, False, "/", greeting, 1, prepared))
        greetings = [[_sealed_join(room, None)] for _ in range(cast.readers)]
        found += [Participant(number, 1, False, True, "/", greeting) for greeting in greetings]
    return _in_waves(found)


def elo(cast: Cast) -> list[Participant]:
    """Plain `%ELO` as stock clients speak it: the same for every relay of the Loro Protocol."""
    found: list[Participant] = []
    for number in range(cast.rooms):
        name = RoomId(f"room-{number:06}")
        join = [encode(JoinRequest(Magic.ELO, name, b"", b"\x00"))]
        for place in range(cast.writers):
            updates = [_elo_update(place + 1, at, cast.size) for at in range(cast.updates)]
            prepared = _frames(name, updates)
            found.append(Participant(number, 0, True, False, "/", join, 1, prepared))
        found += [Participant(number, 0, False, True, "/", join) for _ in range(cast.readers)]
    return _in_waves(found)


def yjs(cast: Cast) -> list[Participant]:
    """y-websocket: a room is a path, and everything else a sync message."""
    return _yjs(cast, lambda _: b"", ())


def hocuspocus(cast: Cast) -> list[Participant]:
    """Hocuspocus: each message names its room, and the first one is a token."""
    return _yjs(cast, lambda name: encode_varbytes(name.encode()), (b"\x02\x00" + b"\x05token",))


def idle(count: int) -> list[Participant]:
    """Connections that say nothing."""
    return [Participant(0, answers=0) for _ in range(count)]


def _yjs(
    cast: Cast, prefix: Callable[[str], bytes], greeting: tuple[bytes, ...]
) -> list[Participant]:
    found: list[Participant] = []
    for number in range(cast.rooms):
        name = f"room-{number:06}"
        start = prefix(name)
        hello = [start + message for message in (*greeting, b"\x00\x00\x01\x00")]
        for place in range(cast.writers):
            updates = [_yjs_update(place + 1, at) for at in range(cast.updates)]
            messages = [start + b"\x00\x02" + encode_varbytes(update) for update in updates]
            prepared = frames(messages)
            found.append(Participant(number, 0, True, False, f"/{name}", hello, 1, prepared))
        found += [Participant(number, 0, False, True, f"/{name}", hello)] * cast.readers
    return _in_waves(found)


def _in_waves(participants: list[Participant]) -> list[Participant]:
    return sorted(participants, key=lambda one: one.wave)


def _sealed_join(room: Room, writer: int | None, introduction: tuple[bytes, ...] = ()) -> bytes:
    payload = JoinPayload(room.ticket(writer), introduction, heads=())
    return encode(JoinRequest(Magic.ELO, room.name, payload.encode(), b""))


def _prepared(cast: Cast, room_number: int, place: int, room: Room, writer: Writer) -> Frames:
    """Sealing takes a while, so what was sealed for one run serves the next."""
    if cast.updates == 0:
        return Frames()
    name = f"{room_number}-{place}-{cast.writers}-{cast.updates}-{cast.size}"
    path = CACHE / "sealed" / name
    try:
        kept: Frames = pickle.loads(path.read_bytes())
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        raws = (writer.write(os.urandom(cast.size)) for _ in range(cast.updates))
        kept = _frames(room.name, [pack([raw]) for raw in raws])
        path.write_bytes(pickle.dumps(kept))
    return kept


def _frames(room: RoomId, updates: list[bytes]) -> Frames:
    return frames(
        [
            encode(DocUpdate(Magic.ELO, room, (update,), BatchId(at.to_bytes(8, "little"))))
            for at, update in enumerate(updates)
        ]
    )


def _elo_update(peer: int, at: int, size: int) -> bytes:
    iv = blake2b(b"%d %d" % (peer, at), digest_size=12).digest()
    header = headers.encode(DeltaHeader(Span(PeerId(peer), at, at + 1), _KEY_ID, iv))
    return pack([records.encode(header, os.urandom(size - _ELO_OVERHEAD))])


def _yjs_update(client: int, at: int) -> bytes:
    """Text at the end of the text, by a client that wrote all of it."""
    begin = at * CHARACTERS_OF_YJS
    if at == 0:
        # No neighbour: the item names its parent, the root called "text".
        item = b"\x04\x01" + encode_varbytes(b"text")
    else:
        item = b"\x84" + encode_uvarint(client) + encode_uvarint(begin - 1)
    body = item + encode_varbytes(b"x" * CHARACTERS_OF_YJS)
    head = b"\x01\x01" + encode_uvarint(client) + encode_uvarint(begin)
    return head + body + b"\x00"
