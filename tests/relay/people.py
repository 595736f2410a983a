"""Who the relay meets in tests: authors with pens, members with certificates, raw connections."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from itertools import count
from typing import Final, TypeVar

from access.people import digest, sealing_secret, signing_key
from sakya_sync.access.certificates import Certificate
from sakya_sync.access.founding import enrol_device, found_account, found_project
from sakya_sync.access.payload import JoinPayload
from sakya_sync.access.power import Power
from sakya_sync.access.tickets import sign_ticket
from sakya_sync.ids import AuthorId, BatchId, ChainHead, PeerId, RoomId, SubjectId
from sakya_sync.ports import Transport
from sakya_sync.record.container import pack, unpack
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.relay.server import Relay
from sakya_sync.seal.chain import Head, genesis, snapshot_genesis
from sakya_sync.seal.keys import EpochSecret, SigningKey
from sakya_sync.seal.sealed import Sealed, SealedDelta, SealedSnapshot
from sakya_sync.seal.sealer import seal_delta, seal_snapshot
from sakya_sync.system import SystemClock
from sakya_sync.transport.memory import MemoryTransport
from sakya_sync.transport.websocket import WebSocketConnector
from sakya_sync.wire.codec import decode, encode
from sakya_sync.wire.messages import (
    Ack,
    AckStatus,
    DocUpdate,
    JoinError,
    JoinRequest,
    JoinResponseOk,
    Leave,
    Magic,
    Message,
)

WAIT_SECONDS: Final = 10.0
Received = TypeVar("Received", bound=Message)


def b64u(key: bytes) -> str:
    """As room names spell a key."""
    return urlsafe_b64encode(key).rstrip(b"=").decode()


SECRET: Final = EpochSecret(digest("epoch 0"))
PROJECT: Final = signing_key("project")
SUBJECT: Final = SubjectId(PROJECT.public)
ANNA: Final = signing_key("anna")
LAPTOP: Final = signing_key("laptop")
TABLET: Final = signing_key("tablet")
STRANGER: Final = signing_key("stranger")
STRUCTURE: Final = RoomId(f"{b64u(SUBJECT)}/structure")
ACCESS: Final = RoomId(f"{b64u(SUBJECT)}/access")
ACCOUNT: Final = SubjectId(ANNA.public)

LAPTOP_CERTIFICATES: Final = found_account(
    ANNA, sealing_secret("anna").public, LAPTOP, sealing_secret("laptop").public
)
PROJECT_CERTIFICATES: Final = found_project(PROJECT, ACCOUNT)
FOUNDING: Final = (*LAPTOP_CERTIFICATES, *PROJECT_CERTIFICATES)


def enrolled(device: SigningKey, power: Power = Power.ADMIN) -> tuple[Certificate, ...]:
    """What makes a device one of Anna's: a delegation and its acceptance."""
    return enrol_device(ANNA, device, sealing_secret(device.public.hex()).public, power)


class Pen:
    """An author in one room, who numbers and links what they write."""

    def __init__(
        self,
        key: SigningKey,
        room: RoomId = STRUCTURE,
        peer: int = 1,
        secret: EpochSecret = SECRET,
    ) -> None:
        self.key = key
        self.author = AuthorId(key.public)
        self.room = room
        self.peer = PeerId(peer)
        self.end = 0
        self.wseq = 0
        self.prev = genesis(self.author, room)
        self._secret = secret

    @property
    def head(self) -> Head:
        """How far the chain has come."""
        return Head(self.author, self.wseq - 1, self.prev)

    def write(self, payload: bytes = b"words", operations: int = 3) -> SealedDelta:
        """The author's next record; the relay never opens it, so any payload will do."""
        sealed = self.draft(payload, operations)
        self.end += operations
        self._advance(sealed)
        return sealed

    def draft(
        self,
        payload: bytes = b"words",
        operations: int = 3,
        *,
        start: int | None = None,
        wseq: int | None = None,
        prev: ChainHead | None = None,
        peer: int | None = None,
    ) -> SealedDelta:
        """A record in the next one's place, or wrong in one way, that does not count as written."""
        begin = self.end if start is None else start
        return seal_delta(
            self._secret,
            self.room,
            self.key,
            self.wseq if wseq is None else wseq,
            self.prev if prev is None else prev,
            Span(self.peer if peer is None else PeerId(peer), begin, begin + operations),
            payload,
            random=digest(f"{payload!r} {self.wseq} {begin}"),
        )

    def snapshot(
        self,
        heads: Sequence[Head],
        owners: dict[PeerId, tuple[AuthorId, int]],
        number: int = 1,
        parent: ChainHead | None = None,
    ) -> SealedSnapshot:
        """The author's next record: a snapshot that claims these heads, and whose peers reach so
        far."""
        ordered = sorted(heads, key=lambda head: head.author)
        index = {head.author: place for place, head in enumerate(ordered)}
        peers = sorted(owners, key=lambda peer: str(peer).encode())
        sealed = seal_snapshot(
            self._secret,
            self.room,
            self.key,
            self.wseq,
            self.prev,
            VersionVector({peer: end for peer, (_, end) in owners.items()}),
            [index[owners[peer][0]] for peer in peers],
            ordered,
            number,
            snapshot_genesis(self.room) if parent is None else parent,
            b"everything",
            random=digest(f"snapshot {self.wseq}"),
        )
        self._advance(sealed)
        return sealed

    def _advance(self, sealed: Sealed) -> None:
        self.wseq += 1
        self.prev = sealed.chain(self.room)


class WallClock(SystemClock):
    """The computer's clock, set wrong by as much as a test likes."""

    def __init__(self) -> None:
        self.offset_ms = 0

    def wall_ms(self) -> int:
        """Milliseconds since 1970."""
        return super().wall_ms() + self.offset_ms


class RawClient:
    """One connection that sends what it is told, wrong things too."""

    def __init__(self, transport: Transport, url: str, key: SigningKey) -> None:
        self.key = key
        self.url = url
        self.transport = transport
        self.messages: list[Message] = []
        self._numbers = count(1)

    @classmethod
    async def connect(cls, relay: Relay, key: SigningKey) -> "RawClient":
        """Open a WebSocket connection; nothing is said yet."""
        assert relay._listening is not None
        address = f"ws://127.0.0.1:{relay._listening.port}"
        return cls(await WebSocketConnector().connect(address), relay.url, key)

    @classmethod
    def unprotected(cls, relay: Relay, key: SigningKey) -> "RawClient":
        """A connection as one from another computer without TLS is."""
        ours, theirs = MemoryTransport.pair()
        theirs.peer = "192.0.2.1"
        relay.accept(theirs)
        return cls(ours, relay.url, key)

    def ticket(
        self,
        magic: Magic,
        room: RoomId,
        *,
        url: str | None = None,
        time_ms: int | None = None,
        nonce: bytes | None = None,
    ) -> bytes:
        """A good ticket, but for what is given."""
        now = SystemClock().wall_ms()
        fresh = digest(f"{id(self)} {next(self._numbers)} {now}")[:16]
        return sign_ticket(
            self.key,
            self.url if url is None else url,
            magic,
            room,
            now if time_ms is None else time_ms,
            fresh if nonce is None else nonce,
        )

    async def join(
        self,
        magic: Magic,
        room: RoomId,
        payload: JoinPayload | bytes | None = None,
        version: bytes = b"",
    ) -> JoinResponseOk | JoinError:
        """Join with a payload; with nothing but a good ticket, if none is given."""
        if payload is None:
            payload = JoinPayload(ticket=self.ticket(magic, room))
        encoded = payload if isinstance(payload, bytes) else payload.encode()
        self.send(JoinRequest(magic, room, encoded, version))
        answer = await self._next(JoinResponseOk, JoinError, room=room)
        assert isinstance(answer, JoinResponseOk | JoinError)
        return answer

    async def introduce(
        self, certificates: Sequence[Certificate] = FOUNDING, room: RoomId = ACCESS
    ) -> JoinResponseOk:
        """Join an access room with what vouches for the device."""
        introduction = tuple(item.encode() for item in certificates)
        ticket = self.ticket(Magic.SKA, room)
        answer = await self.join(Magic.SKA, room, JoinPayload(ticket, introduction))
        assert isinstance(answer, JoinResponseOk), answer
        return answer

    async def enter(
        self, room: RoomId = STRUCTURE, heads: tuple[Head, ...] | None = ()
    ) -> JoinResponseOk:
        """Join a sealed room on a connection that is proven."""
        answer = await self.join(Magic.ELO, room, JoinPayload(heads=heads))
        assert isinstance(answer, JoinResponseOk), answer
        return answer

    def offer(self, magic: Magic, room: RoomId, *updates: bytes) -> BatchId:
        """Send a batch without waiting."""
        batch = BatchId(next(self._numbers).to_bytes(8, "little"))
        self.send(DocUpdate(magic, room, updates, batch))
        return batch

    async def put(self, *records: Sealed, room: RoomId = STRUCTURE) -> AckStatus:
        """Send records in one container; what the relay says to them."""
        return await self.put_updates(Magic.ELO, room, pack([item.raw for item in records]))

    async def put_updates(self, magic: Magic, room: RoomId, *updates: bytes) -> AckStatus:
        """Send a batch; what the relay says to it."""
        return await self.answer(self.offer(magic, room, *updates))

    async def answer(self, batch: BatchId) -> AckStatus:
        """What the relay says to a batch."""
        ack = await self._next(Ack, batch=batch)
        assert isinstance(ack, Ack)
        return ack.status

    async def next(self, kind: type[Received]) -> Received:
        """The next message of a kind; others are kept."""
        message = await self._next(kind)
        assert isinstance(message, kind)
        return message

    async def records(self, number: int, room: RoomId = STRUCTURE) -> list[bytes]:
        """So many records of a sealed room, or a few more, however they are packed."""
        found: list[bytes] = []
        while len(found) < number:
            message = await self._next(DocUpdate, room=room)
            assert isinstance(message, DocUpdate)
            for update in message.updates:
                found += unpack(update)
        return found

    def leave(self, magic: Magic, room: RoomId) -> None:
        """Leave a room."""
        self.send(Leave(magic, room))

    def send(self, message: Message) -> None:
        """Send any message at all."""
        self.transport.send([encode(message)])

    async def _next(
        self,
        *kinds: type[object],
        room: RoomId | None = None,
        batch: BatchId | None = None,
    ) -> Message:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                for place, message in enumerate(self.messages):
                    if (
                        isinstance(message, kinds)
                        and (room is None or message.room == room)
                        and (batch is None or getattr(message, "batch", None) == batch)
                    ):
                        return self.messages.pop(place)
                await self._read()

    async def _read(self) -> None:
        frame = await self.transport.receive()
        if isinstance(frame, bytes):
            self.messages.append(decode(frame))
