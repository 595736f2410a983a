"""Sees every frame of a world, and checks at once what may never be, whatever the weather."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sakya_sync.errors import RecordError, WireError
from sakya_sync.record.container import unpack
from sakya_sync.seal.sealed import parse
from sakya_sync.testing.network import Tap
from sakya_sync.wire.codec import decode
from sakya_sync.wire.messages import Ack, AckStatus, DocUpdate, Magic

if TYPE_CHECKING:
    from collections.abc import Callable

    from sakya_sync.ids import BatchId, RoomId
    from sakya_sync.testing.disk import VirtualDisk
    from sakya_sync.testing.network import End, Wire
    from sakya_sync.wire.messages import Message

TRACER: Final = "Quillwort"
"""A word that every edit in a world contains, and that nobody but devices may read."""

_HELD: Final = "SELECT 1 FROM record WHERE author = ? AND wseq = ? AND body = ?"
_STORED: Final = (
    "SELECT 1 FROM record JOIN room ON room.id = record.room "
    "WHERE room.name = ? AND record.author = ? AND record.wseq = ? AND record.body = ?"
)


class Witness(Tap):
    """What is sent is durable · acked is durable · numbers and nonces are used once · no tracer."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self.disks: dict[str, VirtualDisk] = {}
        """Each machine's, by name."""
        self.relays: dict[str, None] = {}
        """Machines that relays run on."""
        self.acked: dict[tuple[str, RoomId, bytes], None] = {}
        """Records that a relay said it holds: machine, room, record."""
        self.trusted = True
        """Whether relays are honest; what a liar sends proves nothing against anybody."""
        self._complain = complain
        self._numbers: dict[tuple[RoomId, bytes, int], bytes] = {}
        self._nonces: dict[tuple[bytes, bytes], bytes] = {}
        self._batches: dict[Wire, dict[tuple[RoomId, BatchId], list[bytes]]] = {}

    def sent(self, end: End, frame: bytes | str) -> None:
        """A program sends a frame."""
        if isinstance(frame, str):
            return
        if TRACER.encode() in frame:
            self._complain(f"a frame from {end.machine} holds what was written")
        try:
            message = decode(frame)
        except WireError:
            self._complain(f"{end.machine} sends what is no frame")
            return
        if end.machine in self.relays:
            self._from_relay(end, message)
        else:
            self._from_device(end, message)

    def check_acked(self) -> None:
        """Complain of records that a relay has said it holds and does not, or might not."""
        for machine, room, raw in self.acked:
            if not self._stored(machine, room, raw):
                self._complain(f"{machine} has lost a record that it acked")

    def _from_device(self, end: End, message: Message) -> None:
        if not isinstance(message, DocUpdate) or message.magic is not Magic.ELO:
            return
        records: list[bytes] = []
        for update in message.updates:
            try:
                records += unpack(update)
            except RecordError:
                self._complain(f"{end.machine} sends what is no container")
        self._batches.setdefault(end.wire, {})[message.room, message.batch] = records
        for raw in records:
            self._see(end.machine, message.room, raw)

    def _see(self, machine: str, room: RoomId, raw: bytes) -> None:
        sealed = parse(raw)
        if self._numbers.setdefault((room, sealed.author, sealed.wseq), raw) != raw:
            self._complain(f"{machine} sends another record under a number that was used")
        if self._nonces.setdefault((sealed.key_id, sealed.nonce), raw) != raw:
            self._complain(f"{machine} uses a nonce twice")
        disk = self.disks[machine]
        held = [
            database
            for path, database in disk.databases.items()
            if path.endswith("state.sqlite")
            and database.read(_HELD, sealed.author, sealed.wseq, raw)
        ]
        if not any(database.synced for database in held):
            self._complain(f"{machine} sends a record that a power cut would take from it")

    def _from_relay(self, end: End, message: Message) -> None:
        if not isinstance(message, Ack) or message.status is not AckStatus.OK:
            return
        batches = self._batches.get(end.wire, {})
        for raw in batches.pop((message.room, message.batch), []):
            self.acked[end.machine, message.room, raw] = None
            if not self._stored(end.machine, message.room, raw):
                self._complain(f"{end.machine} acks a record that a power cut would take from it")

    def _stored(self, machine: str, room: RoomId, raw: bytes) -> bool:
        sealed = parse(raw)
        for path, database in self.disks[machine].databases.items():
            if path.endswith("relay.sqlite"):
                stored = database.read(_STORED, room, sealed.author, sealed.wseq, raw)
                return bool(stored) and database.synced
        return False
