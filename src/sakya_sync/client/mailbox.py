"""One device's place in a mailbox: says what it has to say, in order and once, however often the
connection breaks, and hears the other.

Spec: docs/protocol.md#mailboxes.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from sakya_sync.access.payload import JoinPayload
from sakya_sync.client.link import Link, Request
from sakya_sync.client.refusals import refusal
from sakya_sync.errors import (
    LinkingRefused,
    LinkTextExpired,
    RemoteViolation,
    SakyaError,
    TooManyAttempts,
)
from sakya_sync.ids import BatchId, RoomId
from sakya_sync.session import client as session
from sakya_sync.session.rooms.mailbox import (
    Kind,
    Refusal,
    Side,
    decode_message,
    encode_message,
    encode_version,
    mailbox_room,
    plate_room,
)
from sakya_sync.wire.messages import AckStatus, Magic, Permission
from sakya_sync.wire.varint import Reader

RETRY_AFTER_SECONDS: Final = 60


class MailboxRoom:
    """Attach it to a link; `changed` is called whenever there is something new to look at."""

    magic = Magic.SKM

    def __init__(self, link: Link, meeting: bytes, side: Side, changed: Callable[[], None]) -> None:
        self.room = mailbox_room(meeting)
        self.entered = False
        self.closed = False
        self.crowded = False
        """Whether somebody else has tried to come in."""
        self.nameplate: int | None = None
        self.problem: SakyaError | None = None
        self._link = link
        self._side = side
        self._changed = changed
        self._live = False
        self._heard: list[bytes] = []
        self._taken = 0
        self._lane: list[bytes] = []
        self._written = 0
        self._queued = 0
        self._wishes: dict[bytes, asyncio.Future[AckStatus]] = {}
        self._sent: dict[BatchId, bytes | int] = {}

    # What its owner calls.

    def take(self) -> list[bytes]:
        """The other's messages that were not taken yet."""
        fresh, self._taken = self._heard[self._taken :], len(self._heard)
        return fresh

    def say(self, message: bytes) -> None:
        """Add a message to this device's lane."""
        self._lane.append(message)
        self._send()

    async def ask(self, update: bytes) -> AckStatus:
        """Ask the relay for something; waits until it has answered, across connections."""
        answer: asyncio.Future[AckStatus] = asyncio.get_running_loop().create_future()
        self._wishes[update] = answer
        self._send()
        try:
            return await answer
        finally:
            self._wishes.pop(update, None)

    @property
    def said(self) -> bool:
        """Whether the relay has all that was said."""
        return self._written >= len(self._lane)

    # What the link calls.

    def request(self) -> Request:
        """Joins by what was heard so far."""
        self._live = False
        self._sent.clear()
        return Request(encode_version(self._side, len(self._heard)), JoinPayload())

    def joined(self, permission: Permission, version: bytes, extra: bytes) -> None:  # noqa: ARG002
        """Let in, for the first time or again."""
        try:
            self._written = Reader(version, RemoteViolation).uvarint() if version else 0
            self.nameplate = Reader(extra, RemoteViolation).uvarint() if extra else None
        except RemoteViolation as error:
            self._fail(error)
            return
        self._live = self.entered = True
        self._queued = self._written
        asyncio.get_running_loop().call_soon(self._send)
        self._changed()

    def received(self, updates: tuple[bytes, ...]) -> None:
        """Messages, and what the relay has to say itself."""
        for update in updates:
            if update == bytes((Kind.CLOSE,)):
                self.closed = True
            elif update == bytes((Kind.CROWDED,)):
                self.crowded = True
            else:
                self._hear(update)
        self._changed()

    def acked(self, batch: BatchId, status: AckStatus) -> None:
        """The relay's answer to one update."""
        sent = self._sent.pop(batch, None)
        if isinstance(sent, int):
            if status is AckStatus.OK:
                self._written = max(self._written, sent + 1)
            else:
                self._fail(LinkingRefused("the relay did not pass on a message"))
        elif sent is not None and (waiting := self._wishes.get(sent)) and not waiting.done():
            waiting.set_result(status)
        self._changed()

    def refused(self, event: session.JoinRefused | session.Evicted) -> None:
        """Not let in."""
        self._live = False
        self._fail(mailbox_refusal(event, self._link))

    def lost(self) -> None:
        """The connection is gone; what was not acked is said again."""
        self._live = False
        self._sent.clear()

    # Inside.

    def _send(self) -> None:
        if not self._live:
            return
        for number in range(self._queued, len(self._lane)):
            update = encode_message(number, self._lane[number])
            self._sent[self._link.update(self, (update,))] = number
        self._queued = len(self._lane)
        under_way = set(self._sent.values())
        for wish in self._wishes:
            if wish not in under_way:
                self._sent[self._link.update(self, (wish,))] = wish
        self._link.flush()

    def _hear(self, update: bytes) -> None:
        try:
            number, body = decode_message(update)
        except RemoteViolation as error:
            self._fail(error)
            return
        if number == len(self._heard):
            self._heard.append(body)
        elif number > len(self._heard):
            self._fail(LinkingRefused("the relay left out a message"))

    def _fail(self, error: SakyaError) -> None:
        self.problem = self.problem or error
        for waiting in self._wishes.values():
            if not waiting.done():
                waiting.set_exception(error)
        self._changed()


class PlateRoom:
    """Asks once which mailbox a nameplate leads to."""

    magic = Magic.SKM

    def __init__(self, link: Link, nameplate: int) -> None:
        self.room: RoomId = plate_room(nameplate)
        self.found: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._link = link

    def request(self) -> Request:
        """Asks nothing but that."""
        return Request(b"", JoinPayload())

    def joined(self, permission: Permission, version: bytes, extra: bytes) -> None:  # noqa: ARG002
        """The answer."""
        if not self.found.done():
            self.found.set_result(extra)

    def received(self, updates: tuple[bytes, ...]) -> None:
        """Nothing comes here."""

    def acked(self, batch: BatchId, status: AckStatus) -> None:
        """Nothing is sent here."""

    def refused(self, event: session.JoinRefused | session.Evicted) -> None:
        """There is none."""
        if not self.found.done():
            self.found.set_exception(mailbox_refusal(event, self._link))

    def lost(self) -> None:
        """It is asked again with the next connection."""


def mailbox_refusal(event: session.JoinRefused | session.Evicted, link: Link) -> SakyaError:
    """What a refusal to enter a mailbox means."""
    match getattr(event, "app_code", ""):
        case Refusal.TAKEN.value:
            return LinkingRefused("somebody else has used that code already")
        case Refusal.UNKNOWN.value:
            return LinkTextExpired()
        case Refusal.RATE_LIMITED.value:
            return TooManyAttempts(seconds=RETRY_AFTER_SECONDS)
        case _:
            return refusal(event, link.url, link.wall_ms())
