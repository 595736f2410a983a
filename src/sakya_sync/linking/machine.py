"""One device's side of a linking: what both sides have in common.

A linking speaks the four words of every session: `receive`, `events`, `outgoing`, and `deadline`
with `tick`. Whatever the other device sends, nothing here raises: it ends as Failed.
Spec: docs/protocol.md#linking, docs/architecture.md#linking.
"""

from dataclasses import dataclass, field
from enum import Enum
from hmac import compare_digest
from types import MappingProxyType
from typing import Final, TypeAlias

from sakya_sync.access.certificates import Acceptance, Certificate, Delegation
from sakya_sync.errors import LinkingError
from sakya_sync.ids import SubjectId
from sakya_sync.limits import LINK_SECONDS
from sakya_sync.linking.channel import Channel, Frame, FrameType
from sakya_sync.linking.greeting import Greeting, Met
from sakya_sync.linking.messages import Hello, Refusal, read_refusal
from sakya_sync.linking.tables import ENDED, LINKING, LinkingSignal, LinkingState

CHECK_TRIES: Final = 3


class Reason(Enum):
    """Why a linking ended without a new device."""

    DENIED = "it was not approved on the other device"
    BROKEN_OFF = "the other device broke it off"
    NOT_REGISTERED = "the relay did not take the new device"
    NOT_UNDERSTOOD = "the other device could not follow"
    CANCELLED = "it was broken off here"
    WRONG_CODE = "the code was not the same on both devices"
    WRONG_CHECK_CODE = "the six digits were wrong three times"
    TAMPERED = "something on the way is not what the other device sent"
    TOO_LATE = "it took too long"


@dataclass(frozen=True, slots=True)
class ShowCheckCode:
    """Show these six digits, to be typed on the other device."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskCheckCode:
    """Ask for the six digits that the other device shows."""

    tries: int
    """How many are left."""


@dataclass(frozen=True, slots=True)
class AskApproval:
    """Ask whether that device is to belong to the account."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class Register:
    """The new device is approved: bring these to the relay with the token, and keep the keys."""

    account: SubjectId
    name: str
    token: bytes = field(repr=False)
    delegation: Delegation
    acceptance: Acceptance
    certificates: tuple[Certificate, ...]
    """Everything that leads from the account to this device, these two among them."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The new device belongs to the account: seal every key to it, then say `shared`."""

    hello: Hello
    name: str
    delegation: Delegation
    acceptance: Acceptance


@dataclass(frozen=True, slots=True)
class Linked:
    """All is done."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It is over, and nothing came of it."""

    reason: Reason


Event: TypeAlias = (
    ShowCheckCode | AskCheckCode | AskApproval | Register | Enrolled | Linked | Failed
)

_REFUSALS: Final = MappingProxyType(
    {
        Refusal.DENIED: Reason.DENIED,
        Refusal.BROKEN_OFF: Reason.BROKEN_OFF,
        Refusal.NOT_REGISTERED: Reason.NOT_REGISTERED,
        Refusal.NOT_UNDERSTOOD: Reason.NOT_UNDERSTOOD,
    }
)


class Linking:
    """See the module; `ExistingDevice` and `NewDevice` are the two there are."""

    def __init__(self, greeting: Greeting, now: float, meet_within: float) -> None:
        """Args: meet_within: seconds until the code that was shown is of no use."""
        self.state = LinkingState.MEETING
        self._greeting = greeting
        self._channel: Channel | None = None
        self._check_code: str | None = None
        self._tries = CHECK_TRIES
        self._until = now + meet_within
        self._events: list[Event] = []
        self._outgoing: list[bytes] = []
        first = greeting.begin()
        if first is not None:
            self._outgoing.append(first)

    # The four words.

    def receive(self, message: bytes, now: float) -> None:
        """The other device's next message."""
        if self.state in ENDED:
            return
        try:
            self._take(message, now)
        except LinkingError:
            self._fail(Reason.TAMPERED, Refusal.NOT_UNDERSTOOD)

    def events(self) -> list[Event]:
        """What has happened; forgets it."""
        taken, self._events = self._events, []
        return taken

    def outgoing(self) -> list[bytes]:
        """What to send, in order; forgets it."""
        taken, self._outgoing = self._outgoing, []
        return taken

    def deadline(self) -> float | None:
        """When to call `tick` if nothing comes before."""
        return None if self.state in ENDED else self._until

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self.state not in ENDED and now >= self._until:
            self._fail(Reason.TOO_LATE, Refusal.BROKEN_OFF)

    # What people and programs do.

    def type_check_code(self, typed: str) -> None:
        """The six digits, as somebody typed them here."""
        if self.state is not LinkingState.CHECKING or self._check_code is None:
            return
        digits = "".join(character for character in typed if character not in " -")
        if compare_digest(digits.encode(), self._check_code.encode()):
            self._send(FrameType.CHECKED)
            self._move(LinkingSignal.CHECKED)
            self._opened()
            return
        self._tries -= 1
        if self._tries:
            self._events.append(AskCheckCode(self._tries))
        else:
            # Nothing is said to the other end: until now it has proven nothing.
            self._fail(Reason.WRONG_CHECK_CODE)

    def cancel(self) -> None:
        """Somebody here does not want it any longer."""
        self._fail(Reason.CANCELLED, Refusal.BROKEN_OFF)

    def gone(self) -> None:
        """The other device has left the mailbox, or the relay has closed it."""
        self._fail(Reason.BROKEN_OFF)

    # For the two devices.

    def _opened(self) -> None:
        """The channel is proven."""

    def _take_frame(self, frame: Frame) -> None:
        raise NotImplementedError

    def _take(self, message: bytes, now: float) -> None:
        if self.state in (LinkingState.MEETING, LinkingState.CONFIRMING):
            step = self._greeting.take(message)
            if step.answer is not None:
                self._outgoing.append(step.answer)
            if self.state is LinkingState.MEETING:
                self._until = now + LINK_SECONDS
            if step.met is None:
                self._move(LinkingSignal.SHARES_MET)
            else:
                self._meet(step.met)
            return
        if self._check_code is not None and self.state is LinkingState.CHECKING:
            raise LinkingError("a message before the check code was typed")
        assert self._channel is not None
        frame = self._channel.open(message)
        if frame.type is FrameType.REFUSED:
            self._fail(_REFUSALS[read_refusal(frame.body)])
        elif self.state is LinkingState.CHECKING and frame.type is FrameType.CHECKED:
            _empty(frame)
            self._move(LinkingSignal.CHECKED)
            self._opened()
        else:
            self._take_frame(frame)

    def _meet(self, met: Met) -> None:
        self._channel = met.channel
        self._greeting.wipe()
        if met.check_code is None:
            self._move(LinkingSignal.CONFIRMED)
            self._opened()
        elif met.shows_code:
            self._move(LinkingSignal.MET)
            self._events.append(ShowCheckCode(met.check_code))
        else:
            self._move(LinkingSignal.MET)
            self._check_code = met.check_code
            self._events.append(AskCheckCode(self._tries))

    def _send(self, kind: FrameType, body: bytes = b"") -> None:
        assert self._channel is not None
        self._outgoing.append(self._channel.seal(kind, body))

    def _move(self, signal: LinkingSignal) -> None:
        following = LINKING.get((self.state, signal))
        if following is None:
            raise LinkingError("a message out of its turn")
        self.state = following
        if following in ENDED:
            self._wipe()

    def _end(self) -> None:
        self._move(LinkingSignal.SHARED)
        self._events.append(Linked())

    def _fail(self, reason: Reason, told: Refusal | None = None) -> None:
        if self.state in ENDED:
            return
        if self.state is LinkingState.CONFIRMING and reason is not Reason.CANCELLED:
            # Whoever has had the share and does not prove the code has guessed it wrong.
            reason = Reason.WRONG_CODE
        proven = self._channel is not None and self.state is not LinkingState.CHECKING
        if told is not None and proven:
            self._send(FrameType.REFUSED, bytes((told,)))
        self._move(LinkingSignal.FAILED)
        self._events.append(Failed(reason))

    def _wipe(self) -> None:
        """Forget every secret of this linking."""
        self._greeting.wipe()
        if self._channel is not None:
            self._channel.wipe()
        self._check_code = None


def _empty(frame: Frame) -> None:
    """Raise LinkingError unless a frame says nothing but its type."""
    if frame.body:
        raise LinkingError("a frame that says too much")


def expect(frame: Frame, kind: FrameType) -> bytes:
    """The body of the one frame that may come now. Raises LinkingError."""
    if frame.type is not kind:
        raise LinkingError("a frame out of its turn")
    return frame.body
