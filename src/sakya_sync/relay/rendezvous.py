"""Mailboxes at work: who is in them, when their time is up, and the devices taken in through them.

Spec: docs/protocol.md#mailboxes.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from sakya_sync.access.certificates import Acceptance, Delegation, decode
from sakya_sync.access.power import Power
from sakya_sync.bus.local import Subscriber
from sakya_sync.errors import CertificateInvalid, WireError
from sakya_sync.ids import DeviceId, RoomId
from sakya_sync.ports import Clock
from sakya_sync.session.rooms.mailbox import (
    Close,
    Entered,
    Kind,
    Mailbox,
    Mailboxes,
    Promise,
    Refusal,
    Register,
    Wish,
    Write,
    decode_wish,
    encode_message,
    mailbox_room,
    parse_mailbox,
)
from sakya_sync.store.relay.store import RelayBatch
from sakya_sync.wire.messages import AckStatus, Magic

if TYPE_CHECKING:
    from collections.abc import Callable

    from sakya_sync.relay.hub import Hub

SWEEP_SECONDS = 5.0


class Rendezvous:
    """One for all connections of a relay."""

    def __init__(self, hub: "Hub", clock: Clock, dice: "Callable[[int], int]") -> None:
        """Args: dice: a random number below its argument."""
        self.mailboxes = Mailboxes()
        self._hub = hub
        self._clock = clock
        self._dice = dice
        self._sweeping: asyncio.Task[None] | None = None

    def join(
        self, room: RoomId, device: DeviceId, version: bytes, address: str
    ) -> Entered | bytes | Refusal:
        """Enter a mailbox; or for a nameplate's room, the mailbox it leads to."""
        named = parse_mailbox(room)
        now = self._clock.now()
        if named is None:
            return Refusal.INVALID
        if isinstance(named, int):
            return self.mailboxes.look_up(named, address, now)
        entered = self.mailboxes.enter(named, device, version, address, now, self._dice)
        if isinstance(entered, Entered):
            self._sweep_later()
        elif entered is Refusal.TAKEN:
            self._publish(named, bytes((Kind.CROWDED,)), None)
        return entered

    def take(
        self,
        room: RoomId,
        updates: Sequence[bytes],
        device: DeviceId,
        origin: Subscriber,
        answer: "Callable[[AckStatus], None]",
    ) -> None:
        """One update of a device that is in a mailbox."""
        meeting = parse_mailbox(room)
        box = self.mailboxes.get(meeting) if isinstance(meeting, bytes) else None
        if box is None or box.side_of(device) is None:
            answer(AckStatus.PERMISSION_DENIED)
            return
        assert isinstance(meeting, bytes)
        try:
            (update,) = updates
            wish = decode_wish(update)
        except (ValueError, WireError):
            answer(AckStatus.INVALID_UPDATE)
            return
        self._grant(wish, meeting, box, device, origin, answer)

    def stop(self) -> None:
        """The relay ends."""
        if self._sweeping is not None:
            self._sweeping.cancel()

    def _grant(
        self,
        wish: Wish,
        meeting: bytes,
        box: Mailbox,
        device: DeviceId,
        origin: Subscriber,
        answer: "Callable[[AckStatus], None]",
    ) -> None:
        match wish:
            case Write(number=number, body=body):
                side = box.side_of(device)
                assert side is not None
                before = box.written(side)
                status = box.write(side, wish)
                if box.written(side) > before:
                    self._publish(meeting, encode_message(number, body), origin)
                answer(status)
            case Promise():
                if self._hub.power(wish.account, device) is not Power.ADMIN:
                    answer(AckStatus.PERMISSION_DENIED)
                else:
                    answer(box.promise(wish, self._clock.now()))
            case Register():
                self._register(wish, box, device, origin, answer)
            case Close():
                self._close(meeting, origin)
                answer(AckStatus.OK)
            case _:
                assert_never(wish)

    def _register(
        self,
        wish: Register,
        box: Mailbox,
        device: DeviceId,
        origin: Subscriber,
        answer: "Callable[[AckStatus], None]",
    ) -> None:
        """Take a device in: its promise is used up, and both certificates stored, or neither."""
        subjects = self._hub.subjects
        undo = box.redeem(wish, device, self._clock.now())
        if undo is None:
            answer(AckStatus.PERMISSION_DENIED)
            return
        batch = RelayBatch()
        try:
            certificates = [decode(item) for item in wish.certificates]
            own = all(
                (isinstance(item, Delegation) and item.audience == device)
                or (isinstance(item, Acceptance) and item.device == device)
                for item in certificates
            )
            members = subjects.members_with(wish.account, certificates)
            if not own or members.device_power(wish.account, device) is None:
                undo()
                answer(AckStatus.PERMISSION_DENIED)
                return
            records = subjects.read(wish.certificates, wish.account)
            added = subjects.add(records, batch)
        except CertificateInvalid:
            undo()
            answer(AckStatus.INVALID_UPDATE)
            return

        def stored(status: AckStatus) -> None:
            if status is not AckStatus.OK:
                undo()
            answer(status)

        self._hub.store_access(batch, added, origin, stored)

    def _close(self, meeting: bytes, origin: Subscriber | None) -> None:
        self.mailboxes.close(meeting)
        self._publish(meeting, bytes((Kind.CLOSE,)), origin)

    def _publish(self, meeting: bytes, update: bytes, origin: Subscriber | None) -> None:
        self._hub.bus.publish((Magic.SKM, mailbox_room(meeting)), update, origin)

    def _sweep_later(self) -> None:
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        while len(self.mailboxes):
            await self._clock.sleep(SWEEP_SECONDS)
            for meeting in self.mailboxes.expire(self._clock.now()):
                self._publish(meeting, bytes((Kind.CLOSE,)), None)
