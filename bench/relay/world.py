"""Accounts, devices and projects for sealed rooms, always the same ones."""

import os
import time
from base64 import urlsafe_b64encode
from hashlib import blake2b

from nacl.bindings import crypto_scalarmult_base

from sakya_sync.access.founding import enrol_device, found_account, found_project
from sakya_sync.access.power import Power
from sakya_sync.access.tickets import sign_ticket
from sakya_sync.ids import AuthorId, PeerId, RoomId, SealingKey, SubjectId
from sakya_sync.record.spans import Span
from sakya_sync.seal.chain import genesis
from sakya_sync.seal.keys import EpochSecret, SigningKey
from sakya_sync.seal.sealer import seal_delta
from sakya_sync.wire.messages import Magic

URL = "ws://relay.bench"
"""What devices call the relay; their tickets are made out to it."""


class Writer:
    """A device that writes in one room."""

    def __init__(self, key: SigningKey, room: RoomId, peer: int) -> None:
        self.key = key
        self._room = room
        self._peer = PeerId(peer)
        self._wseq = 0
        self._prev = genesis(AuthorId(key.public), room)

    def write(self, payload: bytes) -> bytes:
        """The device's next record."""
        sealed = seal_delta(
            EpochSecret(bytes(32)), self._room, self.key, self._wseq, self._prev,
            Span(self._peer, self._wseq, self._wseq + 1), payload, random=os.urandom(32),
            compress=False,
        )  # fmt: skip
        self._wseq += 1
        self._prev = sealed.chain(self._room)
        return sealed.raw


class Room:
    """A project of an account of its own, with one room, some writers, and a device that reads."""

    def __init__(self, number: int, writers: int) -> None:
        self._number = number
        self._account = _key(f"account {number}")
        self._project = _key(f"project {number}")
        self._reader = _key(f"reader {number}")
        self.subject = SubjectId(self._project.public)
        self.name = RoomId(f"{urlsafe_b64encode(self.subject).rstrip(b'=').decode()}/book")
        self.writers = [
            Writer(_key(f"writer {number} {place}"), self.name, place + 1)
            for place in range(writers)
        ]

    def introduction(self) -> tuple[bytes, ...]:
        """The certificates that make them members."""
        first, *others = (writer.key for writer in self.writers)
        certificates = [
            *found_account(self._account, _sealing("account"), first, _sealing("first")),
            *found_project(self._project, self._account.public),
        ]
        for key in (*others, self._reader):
            certificates += enrol_device(self._account, key, _sealing("other"), Power.ADMIN)
        return tuple(item.encode() for item in certificates)

    def ticket(self, writer: int | None) -> bytes:
        """A ticket for now: of a writer, or of the device that reads."""
        key = self._reader if writer is None else self.writers[writer].key
        now = time.time_ns() // 1_000_000
        return sign_ticket(key, URL, Magic.ELO, self.name, now, os.urandom(16))


def _key(name: str) -> SigningKey:
    return SigningKey(_digest(name))


def _sealing(name: str) -> SealingKey:
    return SealingKey(crypto_scalarmult_base(_digest(name)))


def _digest(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=32).digest()
