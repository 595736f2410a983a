"""`%SKM` rooms at the relay: two lanes, where two devices meet to link, kept for minutes.

A mailbox is named by 16 random bytes. Who opens it writes one lane, who claims it the other; there
is one claim. Nothing of it is ever stored, and none of it means anything to a relay but this: an
admin of an account may leave a promise that one device, and no other, is to be taken into the
account once, by whoever shows the token behind it. Spec: docs/protocol.md#mailboxes.
"""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from hmac import compare_digest
from typing import Final, TypeAlias

from sakya_sync.access.hashing import h32
from sakya_sync.errors import RemoteViolation, WireError
from sakya_sync.ids import DeviceId, PublicKey, RoomId, SubjectId, encode_id
from sakya_sync.limits import (
    LINK_MESSAGE_BYTES_MAX,
    LINK_MESSAGES_MAX,
    MAILBOX_SECONDS,
    MAILBOXES_MAX,
    MAILBOXES_PER_ADDRESS_MAX,
    NAMEPLATE_MAX,
    PROMISE_SECONDS,
    RENDEZVOUS_PER_MINUTE_MAX,
)
from sakya_sync.wire.messages import AckStatus
from sakya_sync.wire.varint import Reader, encode_uvarint, encode_varbytes

NAME_BYTES: Final = 16
TOKEN_BYTES: Final = 32
CERTIFICATES_MAX: Final = 8
_MINUTE_SECONDS = 60.0
_PLATE = "plate-"


class Side(IntEnum):
    """What a device wants of a mailbox."""

    OPEN = 0
    CLAIM = 1
    OPEN_NUMBERED = 2
    """Open it, with a nameplate that leads others to it."""


class Kind(IntEnum):
    """The first byte of an update."""

    MESSAGE = 0
    """From one lane to the other: uleb number, bytes."""
    PROMISE = 1
    """To the relay: account, `promise_digest`."""
    REGISTER = 2
    """To the relay: account, token, certificates."""
    CLOSE = 3
    """To the relay: throw it all away. From it: the other has, or time is up."""
    CROWDED = 4
    """From the relay: somebody else tried to claim the mailbox."""


class Refusal(Enum):
    """Why a join is refused, as its app code."""

    TAKEN = "mailbox_taken"
    UNKNOWN = "mailbox_unknown"
    RATE_LIMITED = "rate_limited"
    INVALID = "room_invalid"


# Names and payloads.


def mailbox_room(meeting: bytes) -> RoomId:
    """The name of a mailbox: 22 characters."""
    assert len(meeting) == NAME_BYTES
    return RoomId(encode_id(meeting))


def plate_room(nameplate: int) -> RoomId:
    """Joining this room tells which mailbox a nameplate leads to."""
    return RoomId(f"{_PLATE}{nameplate}")


def parse_mailbox(room: RoomId) -> bytes | int | None:
    """A mailbox's 16 bytes, or a nameplate; None for any other name."""
    if room.startswith(_PLATE):
        digits = room.removeprefix(_PLATE)
        fits = digits.isascii() and digits.isdigit() and len(digits) <= len(str(NAMEPLATE_MAX))
        return int(digits) if fits and plate_room(int(digits)) == room else None
    try:
        meeting = urlsafe_b64decode(room + "==")
    except ValueError:
        return None
    return meeting if len(meeting) == NAME_BYTES and mailbox_room(meeting) == room else None


def encode_version(side: Side, held: int) -> bytes:
    """What a device joins with: its side, and how many of the other's messages it holds."""
    return bytes((side,)) + encode_uvarint(held)


def decode_version(version: bytes) -> tuple[Side, int]:
    """Raises WireError."""
    reader = Reader(version, WireError)
    try:
        side = Side(reader.u8())
    except ValueError:
        raise WireError("an unknown side of a mailbox") from None
    held = reader.uvarint(LINK_MESSAGES_MAX)
    reader.end()
    return side, held


def encode_message(number: int, body: bytes) -> bytes:
    """One message of a lane, counted from 0."""
    return bytes((Kind.MESSAGE,)) + encode_uvarint(number) + body


def decode_message(update: bytes) -> tuple[int, bytes]:
    """Raises WireError."""
    reader = Reader(update, WireError)
    if reader.u8() != Kind.MESSAGE:
        raise WireError("no message")
    number = reader.uvarint(LINK_MESSAGES_MAX - 1)
    return number, reader.take(reader.remaining)


def promise_digest(token: bytes, account: SubjectId, device: DeviceId) -> bytes:
    """What a promise is kept under: it tells nothing of its token, and fits one device."""
    assert len(token) == TOKEN_BYTES
    return h32(b"SakyaLinkToken1", token + account + device)


def encode_promise(account: SubjectId, digest: bytes) -> bytes:
    """By the existing device."""
    return bytes((Kind.PROMISE,)) + account + digest


def encode_register(account: SubjectId, token: bytes, certificates: Iterable[bytes]) -> bytes:
    """By the new device: its delegation, and its acceptance."""
    listed = b"".join(encode_varbytes(item) for item in certificates)
    return bytes((Kind.REGISTER,)) + account + token + listed


# What is wanted, and what comes of it.


@dataclass(frozen=True, slots=True)
class Write:
    """One message of the sender's lane."""

    number: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Promise:
    """The sender must be an admin of the account."""

    account: SubjectId
    digest: bytes


@dataclass(frozen=True, slots=True)
class Register:
    """The sender wants to be taken in."""

    account: SubjectId
    token: bytes = field(repr=False)
    certificates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """The sender needs the mailbox no longer."""


Wish: TypeAlias = Write | Promise | Register | Close


def decode_wish(update: bytes) -> Wish:
    """What an update of a device asks. Raises WireError."""
    reader = Reader(update, WireError)
    kind = reader.u8()
    match kind:
        case Kind.MESSAGE:
            number, body = decode_message(update)
            if not body or len(body) > LINK_MESSAGE_BYTES_MAX:
                raise WireError("a message's length")
            return Write(number, body)
        case Kind.PROMISE:
            account, digest = reader.take(32), reader.take(32)
            reader.end()
            return Promise(SubjectId(PublicKey(account)), digest)
        case Kind.REGISTER:
            account, token = reader.take(32), reader.take(TOKEN_BYTES)
            certificates: list[bytes] = []
            while reader.remaining:
                certificates.append(reader.varbytes())
            if not 1 <= len(certificates) <= CERTIFICATES_MAX:
                raise WireError("a registration's certificates")
            return Register(SubjectId(PublicKey(account)), token, tuple(certificates))
        case Kind.CLOSE:
            reader.end()
            return Close()
        case _:
            raise WireError("an unknown update of a mailbox")


# The state.


class _Kept:
    """A promise, until it was kept or is too old."""

    __slots__ = ("account", "digest", "expires", "used")

    def __init__(self, account: SubjectId, digest: bytes, expires: float) -> None:
        self.account = account
        self.digest = digest
        self.expires = expires
        self.used: tuple[bytes, ...] | None = None
        """The certificates that it was used with."""

    def renew(self) -> None:
        """What it was used for came to nothing."""
        self.used = None


class Mailbox:
    """Two lanes, of which each side writes one and reads the other."""

    def __init__(self, opener: DeviceId, address: str, expires: float) -> None:
        self.opener = opener
        self.claimant: DeviceId | None = None
        self.address = address
        self.nameplate: int | None = None
        self.expires = expires
        self._lanes: tuple[list[bytes], list[bytes]] = ([], [])
        self._promises: list[_Kept] = []

    def side_of(self, device: DeviceId) -> Side | None:
        """Which lane a device writes, if any."""
        if device == self.opener:
            return Side.OPEN
        return Side.CLAIM if device == self.claimant else None

    def written(self, side: Side) -> int:
        """How many messages a side has written."""
        return len(self._lanes[side])

    def owed(self, side: Side, held: int) -> list[bytes]:
        """The other's messages that a side lacks, as updates."""
        others = self._lanes[1 - side]
        return [encode_message(number, others[number]) for number in range(held, len(others))]

    def write(self, side: Side, item: Write) -> AckStatus:
        """Add a message to a side's lane; the very same may come again."""
        lane = self._lanes[side]
        if item.number < len(lane):
            same = compare_digest(lane[item.number], item.body)
            return AckStatus.OK if same else AckStatus.INVALID_UPDATE
        if item.number != len(lane):
            return AckStatus.INVALID_UPDATE
        if len(lane) >= LINK_MESSAGES_MAX:
            return AckStatus.RATE_LIMITED
        lane.append(item.body)
        return AckStatus.OK

    def promise(self, item: Promise, now: float) -> AckStatus:
        """Keep a promise, whose sender is known to be an admin of the account."""
        if len(self._promises) >= LINK_MESSAGES_MAX:
            return AckStatus.RATE_LIMITED
        self._promises.append(_Kept(item.account, item.digest, now + PROMISE_SECONDS))
        return AckStatus.OK

    def redeem(self, item: Register, device: DeviceId, now: float) -> Callable[[], None] | None:
        """Use up the promise that a token belongs to; None where there is none for this device.

        The very same registration may come again: its answer may have been lost.

        Returns: what makes it good again, if the device could not be stored after all.
        """
        digest = promise_digest(item.token, item.account, device)
        for kept in self._promises:
            if not compare_digest(kept.digest, digest) or kept.account != item.account:
                continue
            if kept.used is None and now < kept.expires:
                kept.used = item.certificates
                return kept.renew
            if kept.used == item.certificates:
                return lambda: None
        return None


@dataclass(frozen=True, slots=True)
class Entered:
    """A join that is let in."""

    meeting: bytes
    side: Side
    written: int
    nameplate: int | None
    owed: list[bytes]


class Mailboxes:
    """Every mailbox there is, and how often who may try. Everything in memory."""

    def __init__(self) -> None:
        self._held: dict[bytes, Mailbox] = {}
        self._plates: dict[int, bytes] = {}
        self._tries: dict[str, list[float]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def get(self, meeting: bytes) -> Mailbox | None:
        """A mailbox that is open."""
        return self._held.get(meeting)

    def enter(
        self,
        meeting: bytes,
        device: DeviceId,
        version: bytes,
        address: str,
        now: float,
        dice: Callable[[int], int],
    ) -> Entered | Refusal:
        """Open, claim, or come back to a mailbox.

        Args:
            address: whose attempts are counted together.
            dice: a random number below its argument, for a nameplate.
        """
        try:
            wanted, held = decode_version(version)
        except RemoteViolation:
            return Refusal.INVALID
        box = self._held.get(meeting)
        side = None if box is None else box.side_of(device)
        if box is None or side is None:
            if not self._may_try(address, now):
                return Refusal.RATE_LIMITED
            if wanted is Side.CLAIM:
                if box is None:
                    return Refusal.UNKNOWN
                if box.claimant is not None:
                    return Refusal.TAKEN
                box.claimant, side = device, Side.CLAIM
                box.expires = now + MAILBOX_SECONDS
            else:
                if box is not None:
                    return Refusal.TAKEN
                opened = self._open(meeting, device, address, now, wanted, dice)
                if opened is None:
                    return Refusal.RATE_LIMITED
                box, side = opened, Side.OPEN
        return Entered(meeting, side, box.written(side), box.nameplate, box.owed(side, held))

    def look_up(self, nameplate: int, address: str, now: float) -> bytes | Refusal:
        """The mailbox that a nameplate leads to, while nobody has claimed it."""
        if not self._may_try(address, now):
            return Refusal.RATE_LIMITED
        meeting = self._plates.get(nameplate)
        if meeting is None or self._held[meeting].claimant is not None:
            return Refusal.UNKNOWN
        return meeting

    def close(self, meeting: bytes) -> None:
        """Throw a mailbox away."""
        box = self._held.pop(meeting, None)
        if box is not None and box.nameplate is not None:
            del self._plates[box.nameplate]

    def expire(self, now: float) -> list[bytes]:
        """Throw away those whose time is up; which they were."""
        gone = [meeting for meeting, box in self._held.items() if now >= box.expires]
        for meeting in gone:
            self.close(meeting)
        old = [
            address for address, tries in self._tries.items() if tries[-1] <= now - _MINUTE_SECONDS
        ]
        for address in old:
            del self._tries[address]
        return gone

    def _may_try(self, address: str, now: float) -> bool:
        recent = [then for then in self._tries.get(address, []) if then > now - _MINUTE_SECONDS]
        if len(recent) >= RENDEZVOUS_PER_MINUTE_MAX:
            return False
        self._tries[address] = [*recent, now]
        return True

    def _open(
        self,
        meeting: bytes,
        device: DeviceId,
        address: str,
        now: float,
        wanted: Side,
        dice: Callable[[int], int],
    ) -> Mailbox | None:
        self.expire(now)
        here = sum(box.address == address for box in self._held.values())
        if len(self._held) >= MAILBOXES_MAX or here >= MAILBOXES_PER_ADDRESS_MAX:
            return None
        box = Mailbox(device, address, now + MAILBOX_SECONDS)
        if wanted is Side.OPEN_NUMBERED:
            box.nameplate = self._plate(dice)
            self._plates[box.nameplate] = meeting
        self._held[meeting] = box
        return box

    def _plate(self, dice: Callable[[int], int]) -> int:
        """A free nameplate with as few digits as leave most of them free."""
        ceiling = 10
        while ceiling <= 2 * len(self._plates) + 1:
            ceiling *= 10
        ceiling = min(ceiling, NAMEPLATE_MAX + 1)
        plate = 1 + dice(ceiling - 1)
        while plate in self._plates:
            plate = plate % (ceiling - 1) + 1
        return plate
