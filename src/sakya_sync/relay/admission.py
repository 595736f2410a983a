"""Who a connection is: tickets, introductions, and the power they lead to.

Spec: docs/protocol.md#join.
"""

from dataclasses import dataclass
from typing import Final

from sakya_sync.access.certificates import Certificate, decode
from sakya_sync.access.payload import JoinPayload
from sakya_sync.access.power import Power
from sakya_sync.access.tickets import Ticket, check_ticket
from sakya_sync.errors import (
    CertificateInvalid,
    DiskFull,
    SakyaError,
    TicketReason,
    TicketRefused,
    WireError,
)
from sakya_sync.ids import DeviceId, RoomId, SubjectId
from sakya_sync.ports import Clock
from sakya_sync.relay.config import Registration
from sakya_sync.relay.registrar import Registrar
from sakya_sync.relay.subjects import Subjects
from sakya_sync.session.rooms.access import AccessRecord
from sakya_sync.store.relay.store import RelayBatch, RelayStore
from sakya_sync.wire.messages import JoinErrorCode, Magic

CLOCK_SKEW: Final = "clock_skew"
NOT_REGISTERED: Final = "not_registered"
UNSTORED_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a join is refused, as the client is told."""

    code: JoinErrorCode
    message: str = ""
    app_code: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A device that the connection was proven to be, and what it asks."""

    device: DeviceId
    payload: JoinPayload


class Admission:
    """One for all connections of a relay."""

    def __init__(
        self,
        url: str,
        store: RelayStore,
        subjects: Subjects,
        clock: Clock,
        registration: Registration = Registration.OPEN,
    ) -> None:
        self._url = url
        self._store = store
        self._subjects = subjects
        self._clock = clock
        self._registrar = Registrar(registration, store, subjects, clock)
        self._under_way: set[tuple[DeviceId, bytes]] = set()
        self._unstored: set[tuple[DeviceId, bytes]] = set()

    async def identify(
        self, magic: Magic, room: RoomId, encoded: bytes, proven: DeviceId | None
    ) -> Known | Refusal:
        """Which device asks; a ticket's nonce is durably used when this returns."""
        try:
            payload = JoinPayload.decode(encoded)
        except WireError as error:
            return Refusal(JoinErrorCode.AUTH_FAILED, error.details["detail"])
        if payload.ticket is None:
            if proven is None:
                return Refusal(JoinErrorCode.AUTH_FAILED, "a ticket is needed")
            return Known(proven, payload)
        now_ms = self._clock.wall_ms()
        try:
            ticket = check_ticket(payload.ticket, self._url, magic, room, now_ms)
            if proven is not None and ticket.device != proven:
                raise TicketRefused(TicketReason.OTHER_DEVICE)
            await self._use(ticket)
        except TicketRefused as refused:
            if refused.reason is TicketReason.CLOCK:
                return Refusal(JoinErrorCode.APP, str(now_ms), CLOCK_SKEW)
            return Refusal(JoinErrorCode.AUTH_FAILED, refused.message)
        except SakyaError:
            return Refusal(JoinErrorCode.UNKNOWN, "the relay cannot write at the moment")
        return Known(ticket.device, payload)

    def introduce(
        self, subject: SubjectId, known: Known, batch: RelayBatch
    ) -> tuple[Power | Refusal | None, list[AccessRecord]]:
        """The device's power over a subject, its introduction taken into account.

        Certificates are stored only when they lead to power; else nothing of them is kept. A
        refusal says that they would, but that the relay takes no accounts, or not without an
        invitation.
        """
        held = self._subjects.members(subject).device_power(subject, known.device)
        introduced = _decoded(known.payload.introduction)
        if not introduced:
            return held, []
        with_them = self._subjects.members_with(subject, introduced)
        power = with_them.device_power(subject, known.device)
        if power is None:
            return held, []
        admitted = self._registrar.admits(subject, introduced, known.device, with_them)
        if not admitted and not self._registrar.invites(known.payload.invitation, batch):
            return Refusal(JoinErrorCode.APP, "this relay takes no accounts", NOT_REGISTERED), []
        records = self._subjects.read([item.encode() for item in introduced], subject)
        return power, self._subjects.add(records, batch)

    async def _use(self, ticket: Ticket) -> None:
        key = (ticket.device, ticket.nonce)
        if key in self._under_way or key in self._unstored:
            raise TicketRefused(TicketReason.REPLAYED)
        if self._store.nonce_used(ticket.device, ticket.nonce):
            raise TicketRefused(TicketReason.REPLAYED)
        self._under_way.add(key)
        try:
            batch = RelayBatch()
            batch.nonce(ticket.device, ticket.nonce, ticket.time_ms)
            await self._store.submit(batch, independent=True)
        except DiskFull:
            # Reading goes on while nothing can be written. Until there is space again, the nonce
            # is remembered here: a restart meanwhile forgets it, within TICKET_WINDOW_SECONDS.
            if len(self._unstored) >= UNSTORED_MAX:
                raise
            self._unstored.add(key)
        finally:
            self._under_way.discard(key)


def _decoded(introduction: tuple[bytes, ...]) -> list[Certificate]:
    """The certificates that verify; an introduction with a bad one counts as none."""
    try:
        return [decode(body) for body in introduction]
    except CertificateInvalid:
        return []
