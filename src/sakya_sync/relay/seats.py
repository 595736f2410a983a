"""A connection's place in a room: what it may do there, and where it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sakya_sync.access.power import Power
from sakya_sync.bus.local import Subscriber
from sakya_sync.errors import RecordError
from sakya_sync.ids import AuthorId, DeviceId, RoomId
from sakya_sync.relay.hub import Hub
from sakya_sync.relay.plain.room import OpenRoom
from sakya_sync.relay.rendezvous import Rendezvous
from sakya_sync.seal.ephemeral import parse_ephemeral
from sakya_sync.session.rooms.names import RoomName
from sakya_sync.session.rooms.sealed import Refused
from sakya_sync.session.rooms.table import Sealed, SealedPolicy
from sakya_sync.wire.messages import AckStatus, Magic, Permission

Answer = Callable[[AckStatus], None]


class Seat(Protocol):
    """See the module."""

    @property
    def allowed(self) -> bool:
        """Whether it may still be here."""

    async def take(self, updates: Sequence[bytes], answer: Answer) -> Refused | None:
        """Take a batch from the connection; it is answered once it is durable, or refused."""

    def left(self) -> None:
        """The connection has left, and no longer follows the room."""


@dataclass(frozen=True, slots=True)
class SealedSeat:
    """In a room of a subject."""

    hub: Hub
    magic: Magic
    name: RoomName
    policy: SealedPolicy
    device: DeviceId
    protected: bool
    subscriber: Subscriber

    @property
    def allowed(self) -> bool:
        return self._power is not None

    async def take(self, updates: Sequence[bytes], answer: Answer) -> Refused | None:
        if self.policy.treatment is Sealed.RECORDS:
            # The room itself asks who may write: what it holds already is not refused.
            return self.hub.append(
                self.name,
                updates,
                self.device,
                protected=self.protected,
                origin=self.subscriber,
                answer=answer,
            )
        power = self._power
        if power is None or power < self.policy.write:
            answer(AckStatus.PERMISSION_DENIED)
            return None
        if self.policy.treatment is Sealed.ACCESS:
            return self.hub.add_access(self.name.subject, updates, self.subscriber, answer)
        return self._pass_on(updates, answer)

    def left(self) -> None:
        pass

    @property
    def _power(self) -> Power | None:
        return self.hub.power(self.name.subject, self.device)

    def _pass_on(self, updates: Sequence[bytes], answer: Answer) -> Refused | None:
        try:
            authors = {parse_ephemeral(update).author for update in updates}
        except RecordError as error:
            return _refused(answer, error.details["detail"])
        if authors != {AuthorId(self.device)}:
            return _refused(answer, "not the device's own message")
        for update in updates:
            self.hub.bus.publish((self.magic, self.name.room), update, self.subscriber)
        answer(AckStatus.OK)
        return None


@dataclass(frozen=True, slots=True)
class MailboxSeat:
    """At one end of a mailbox."""

    rendezvous: Rendezvous
    room: RoomId
    device: DeviceId
    subscriber: Subscriber

    @property
    def allowed(self) -> bool:
        return True

    async def take(self, updates: Sequence[bytes], answer: Answer) -> Refused | None:
        self.rendezvous.take(self.room, updates, self.device, self.subscriber, answer)
        return None

    def left(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class PlainSeat:
    """In a plain room."""

    room: OpenRoom
    permission: Permission
    subscriber: Subscriber

    @property
    def allowed(self) -> bool:
        return True

    async def take(self, updates: Sequence[bytes], answer: Answer) -> Refused | None:
        if self.permission is not Permission.WRITE:
            answer(AckStatus.PERMISSION_DENIED)
            return None
        await self.room.ready()
        self.room.take(updates, self.subscriber, answer)
        return None

    def left(self) -> None:
        self.room.left()


def _refused(answer: Answer, reason: str) -> Refused:
    answer(AckStatus.INVALID_UPDATE)
    return Refused(AckStatus.INVALID_UPDATE, reason)
