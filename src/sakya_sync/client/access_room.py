"""One subject's access room on this device: its certificates, its epochs, and so its keys."""

from collections.abc import Callable, Iterable
from typing import Final

from sakya_sync.access.certificates import Acceptance, Certificate, Delegation, Revocation
from sakya_sync.access.epochlog import EpochLog, resolve
from sakya_sync.access.epochs import EpochStatement, seal_epoch
from sakya_sync.access.notice import NOTICE_DIGEST_BYTES, Notice
from sakya_sync.access.payload import JoinExtra, JoinPayload
from sakya_sync.access.ska import decode_access_record, record_digest
from sakya_sync.client.identity import Identity
from sakya_sync.client.link import Link, Request
from sakya_sync.client.refusals import refusal
from sakya_sync.client.trust import Trust
from sakya_sync.errors import KeyMissing, RelayFaulty, RemoteViolation, SakyaError
from sakya_sync.ids import BatchId, SubjectId
from sakya_sync.limits import INTRODUCTION_CERTIFICATES_MAX
from sakya_sync.seal.envelope import open_envelope
from sakya_sync.seal.keys import EpochSecret, key_id
from sakya_sync.seal.ring import KeyRing
from sakya_sync.session import client as session
from sakya_sync.session.rooms.names import room_id
from sakya_sync.store.device.batch import Batch
from sakya_sync.wire.messages import AckStatus, Magic, Permission
from sakya_sync.wire.varint import Reader, encode_uvarint

COUNT_KEY: Final = "access-count"
RETRY_SECONDS: Final = 30.0


class AccessRoom:
    """Attached to a link, it stays live; `save` says what has to become durable."""

    magic = Magic.SKA

    def __init__(
        self,
        subject: SubjectId,
        identity: Identity,
        trust: Trust,
        link: Link,
        *,
        digest: Callable[[], bytes],
        touched: Callable[[], None],
        noticed: Callable[[tuple[tuple[str, bytes], ...]], None],
        listed: Callable[[frozenset[str]], None],
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        """
        Args:
            digest: the project digest of what is held, as of now.
            touched: called when there is something to save or to send.
            noticed: called with what the relay says about the subject's other rooms.
            listed: called with the names of all rooms that the relay holds, when they were told.
            later: does something after so many seconds.
        """
        self.subject = subject
        self.room = room_id(subject, "access")
        self.live = False
        self.problem: SakyaError | None = None
        self.awaits_notice = False
        self.rejoin_wanted = False
        self._identity = identity
        self._trust = trust
        self._link = link
        self._digest = digest
        self._touched = touched
        self._noticed = noticed
        self._listed = listed
        self._later = later
        self._relay_digest = b""
        self._named: dict[str, bytes] = {}
        self._held: dict[bytes, bytes] = {}
        self._unacked: dict[bytes, bytes] = {}
        self._unsaved: list[tuple[bytes, bool]] = []
        self._sent: dict[BatchId, tuple[bytes, ...]] = {}
        self._statements: list[EpochStatement] = []
        self._asked = b""
        self._count = 0
        self._target = 0
        self._received = 0
        self._log: EpochLog | None = None
        self._ring = KeyRing()
        trust.listeners.append(self._outdated)

    # What is known.

    @property
    def log(self) -> EpochLog:
        """The subject's epochs, by all certificates held now."""
        if self._log is None:
            self._log = resolve(self.subject, self._statements, self._trust.members)
            self._open_envelopes(self._log)
        return self._log

    @property
    def ring(self) -> KeyRing:
        """The subject's keys, as far as they were sealed to us."""
        assert self.log is not None
        return self._ring

    @property
    def settled(self) -> bool:
        """Whether nothing is on its way, in either direction."""
        return (
            self.live
            and not self._unacked
            and not self._unsaved
            and self._received >= self._target
            and not self.awaits_notice
        )

    def load(self, records: Iterable[tuple[bytes, bool]], count: int) -> None:
        """Begin with what was kept; `count` of them came from the relay, in its order."""
        self._count = count
        for body, acked in records:
            self._take(body)
            if not acked:
                self._unacked[record_digest(body)] = body

    def add(self, records: Iterable[Certificate | EpochStatement]) -> None:
        """Add records of our own, for the relay and everybody else."""
        for record in records:
            body = record.encode()
            if self._take(body):
                self._unacked[record_digest(body)] = body
                self._unsaved.append((body, False))
        self._touched()

    def _open_envelopes(self, log: EpochLog) -> None:
        me = self._identity.signing.public
        for epoch, envelope in log.envelopes_for(me):
            if self._ring.by_id(epoch.key_id) is not None:
                continue
            try:
                secret = open_envelope(
                    envelope, self.subject, epoch.number, epoch.key_id, me, self._identity.sealing
                )
            except (KeyMissing, RemoteViolation):
                # Somebody sealed it badly; another statement may have it right.
                continue
            self._ring = self._ring.with_secret(epoch.number, secret)

    def secret(self) -> EpochSecret | None:
        """The secret that records are sealed under now."""
        current = self.log.current
        return None if current is None else self.ring.by_id(current.key_id)

    def first_secret(self) -> EpochSecret | None:
        """The secret that names and genesis keys come from."""
        first = self.log.first
        return None if first is None else self.ring.by_id(first.key_id)

    def share(self) -> None:
        """Seal the keys we hold to members that have none yet."""
        if not self._trust.members.may_read(self.subject, self._identity.signing.public):
            return
        statements = []
        for epoch in self.log.epochs:
            secret = self.ring.by_id(epoch.key_id)
            missing = self.log.unserved(epoch)
            if secret is not None and missing:
                assert key_id(secret) == epoch.key_id
                statements.append(
                    seal_epoch(
                        self._identity.signing,
                        self.subject,
                        epoch.number,
                        secret,
                        epoch.previous,
                        missing,
                    )
                )
        if statements:
            self.add(statements)

    # What the link calls.

    def request(self) -> Request:
        """Joins by how many records are held, with what vouches for us, and our digest."""
        self.live = False
        self.awaits_notice = False
        self._received = self._target = 0
        self._sent.clear()
        self._asked = self._digest()
        payload = JoinPayload(introduction=self._introduction(), digest=self._asked)
        return Request(encode_uvarint(self._count), payload)

    def joined(self, permission: Permission, version: bytes, extra: bytes) -> None:  # noqa: ARG002
        """Let in. The relay's version says how many records are to come."""
        try:
            total = Reader(version, RemoteViolation).uvarint() if version else 0
            relay = JoinExtra.decode(extra)
        except RemoteViolation as error:
            self.problem = error
            return
        self.live, self.problem = True, None
        if total < self._count:
            # A relay that lost what it had: tell it everything again.
            self._count = 0
            self._unacked.update(self._held)
            self.rejoin_wanted = True
        self._target = total - self._count
        # By what was said in the request: rooms may have changed since.
        self.awaits_notice = relay.digest is not None and relay.digest != self._asked
        self._relay_digest = relay.digest or b""
        self._named.clear()
        self._touched()
        # A relay that holds no room has nothing to send a notice of.
        self._end_notices()

    def received(self, updates: tuple[bytes, ...]) -> None:
        """Records or a notice; what does not verify is left out."""
        notices: list[tuple[str, bytes]] = []
        for body in updates:
            if body[:1] == b"N":
                notices += self._read_notice(body)
                continue
            self._received += 1
            self._unacked.pop(record_digest(body), None)
            self._take(body)
            self._unsaved.append((body, True))
        if self._received >= self._target > 0:
            self._count += self._target
            self._received -= self._target
            self._target = 0
        self._touched()
        if notices:
            self._noticed(tuple(notices))
            self._named.update(notices)
            self._end_notices()

    def acked(self, batch: BatchId, status: AckStatus) -> None:
        """The relay holds what we sent, or would not take it."""
        bodies = self._sent.pop(batch, ())
        if status is AckStatus.OK:
            for body in bodies:
                self._unacked.pop(record_digest(body), None)
                self._unsaved.append((body, True))
        elif bodies:
            self._not_taken(refusal(status, self._link.url))
        self._touched()

    def refused(self, event: session.JoinRefused | session.Evicted) -> None:
        """Not let in."""
        self.live = False
        self._not_taken(refusal(event, self._link.url, self._link.wall_ms()))
        self._touched()

    def lost(self) -> None:
        """The connection is gone."""
        self.live = False
        self._sent.clear()

    # What the flusher calls.

    def save(self, batch: Batch) -> tuple[bytes, ...]:
        """Add what has to become durable, and return what may be sent once it is."""
        unsaved, self._unsaved = self._unsaved, []
        for body, acked in unsaved:
            batch.access_record(record_digest(body), body, acked=acked)
        batch.meta(COUNT_KEY, encode_uvarint(self._count))
        if not self.live:
            return ()
        under_way = {body for bodies in self._sent.values() for body in bodies}
        return tuple(body for body in self._unacked.values() if body not in under_way)

    def send(self, updates: tuple[bytes, ...]) -> None:
        """Queue what `save` returned."""
        if updates and self.live:
            self._sent[self._link.update(self, updates)] = updates

    def _not_taken(self, refused: SakyaError) -> None:
        self.problem = refused
        if isinstance(refused, RelayFaulty):
            self._later(RETRY_SECONDS, lambda: self._link.rejoin(self))

    def _outdated(self) -> None:
        """Certificates have come, perhaps by another subject's room."""
        self._log = None

    def _introduction(self) -> tuple[bytes, ...]:
        """What shows that we are of the account, and the account of the subject."""
        held = self._trust.certificates
        own: list[Certificate] = [
            item
            for item in held
            if (isinstance(item, Acceptance) and item.account == self._identity.account)
            or (isinstance(item, Delegation) and item.subject == self._identity.account)
            or (isinstance(item, Delegation) and item.subject == self.subject)
        ]
        me = self._identity.signing.public
        own.sort(
            key=lambda item: (
                me not in (getattr(item, "device", b""), getattr(item, "audience", b""))
            )
        )
        if any(isinstance(item, Revocation) for item in held):
            # With removals in play the relay must have the whole set already.
            return ()
        return tuple(item.encode() for item in own[:INTRODUCTION_CERTIFICATES_MAX])

    def _read_notice(self, body: bytes) -> list[tuple[str, bytes]]:
        try:
            notice = decode_access_record(body)
        except RemoteViolation:
            return []
        return list(notice.rooms) if isinstance(notice, Notice) else []

    def _end_notices(self) -> None:
        """See whether all rooms of the relay were named: their digests' XOR is what it told."""
        if not self.awaits_notice:
            return
        named = 0
        for digest in self._named.values():
            named ^= int.from_bytes(digest, "big")
        if named == int.from_bytes(self._relay_digest[:NOTICE_DIGEST_BYTES], "big"):
            self.awaits_notice = False
            self._listed(frozenset(self._named))

    def _take(self, body: bytes) -> bool:
        """Believe one record, if it verifies and is new."""
        digest = record_digest(body)
        if digest in self._held:
            return False
        try:
            record = decode_access_record(body)
        except RemoteViolation:
            return False
        if isinstance(record, Notice):
            return False
        self._held[digest] = body
        if isinstance(record, EpochStatement):
            self._statements.append(record)
            self._log = None
        else:
            self._trust.add([record])
        return True
