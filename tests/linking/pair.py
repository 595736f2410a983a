"""Two devices that link, and whoever carries their messages."""

from dataclasses import dataclass, field
from typing import TypeVar

from access.people import digest, sealing_secret, signing_key
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.founding import found_account
from sakya_sync.access.power import Power
from sakya_sync.ids import SubjectId
from sakya_sync.linking.existing import ExistingDevice
from sakya_sync.linking.greeting import Greeting
from sakya_sync.linking.machine import (
    AskApproval,
    AskCheckCode,
    Enrolled,
    Event,
    Failed,
    Linked,
    Linking,
    Reason,
    Register,
    ShowCheckCode,
)
from sakya_sync.linking.new import Newcomer, NewDevice
from sakya_sync.linking.payload import Intent, Payload
from sakya_sync.linking.shown import Scanning, Showing, share_of
from sakya_sync.linking.tags import account_tag, device_tag
from sakya_sync.linking.typed import Giving, Typing
from sakya_sync.linking.vouching import vouching

OWNER, LAPTOP, TABLET = signing_key("owner"), signing_key("laptop"), signing_key("tablet")
TABLET_LOCK = sealing_secret("tablet")
ACCOUNT = SubjectId(OWNER.public)
FOUNDING = found_account(
    OWNER, sealing_secret("owner").public, LAPTOP, sealing_secret("laptop").public
)
VOUCHING = vouching(CertificateSet(FOUNDING), ACCOUNT, LAPTOP.public)
NEWCOMER = Newcomer(TABLET, TABLET_LOCK, "Tablet", "Linux", "0.1.0")
MEETING, OPTICAL = digest("meeting")[:16], digest("optical")[:16]
SHOWN, SCANNED = digest("shown"), digest("scanned")
TOKEN = digest("token")
CODE = "7-novel-harbor-tube"
NOW, EXPIRY = 1_000.0, 1_800_000_120
Kind = TypeVar("Kind")


def payload(intent: Intent, **changes: object) -> Payload:
    existing = intent is Intent.EXISTING_SHOWS
    tag = account_tag(ACCOUNT) if existing else device_tag(TABLET.public, TABLET_LOCK.public)
    fields: dict[str, object] = {
        "intent": intent,
        "meeting": MEETING,
        "share": share_of(SHOWN),
        "optical": OPTICAL,
        "tag": tag,
        "expiry": EXPIRY,
        "relay": "wss://relay.example",
    }
    return Payload(**(fields | changes))  # type: ignore[arg-type]


@dataclass
class Pair:
    """Both devices, everything they told, and everything that went from one to the other."""

    existing: ExistingDevice
    new: NewDevice
    told: list[Event] = field(default_factory=list)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    heard: int = 0

    def carry(self, rounds: int = 20, now: float = NOW) -> None:
        """Bring messages back and forth until nothing is on its way."""
        for _ in range(rounds):
            up, down = self.new.outgoing(), self.existing.outgoing()
            for message in up:
                self.sent.append(("new", message))
                self.existing.receive(message, now)
            for message in down:
                self.sent.append(("existing", message))
                self.new.receive(message, now)
            self.told += self.existing.events() + self.new.events()
            if not up and not down:
                return

    def event(self, kind: type[Kind]) -> Kind:
        """The newest event of a kind."""
        found = [event for event in self.told if isinstance(event, kind)]
        assert found, (kind, self.told)
        return found[-1]

    def reasons(self) -> list[Reason]:
        return [event.reason for event in self.told if isinstance(event, Failed)]

    def showing(self) -> Linking:
        """Who asks for the check code."""
        return self.existing if self.existing._check_code is not None else self.new

    def check(self) -> None:
        """Type the code that one shows on the other."""
        self.carry()
        assert self.event(AskCheckCode).tries == 3
        self.showing().type_check_code(self.event(ShowCheckCode).code)
        self.carry()

    def approve(self, power: Power = Power.WRITE) -> None:
        assert self.event(AskApproval).hello.name == "Tablet"
        self.existing.approve(LAPTOP, ACCOUNT, VOUCHING, token=TOKEN, power=power)
        self.carry()

    def approve_without_carrying(self) -> None:
        self.existing.approve(LAPTOP, ACCOUNT, VOUCHING, token=TOKEN)

    def finish(self) -> None:
        """The relay takes the new device, and the existing one seals the keys."""
        assert self.event(Register).token == TOKEN
        self.new.registered()
        self.carry()
        assert self.event(Enrolled).acceptance.device == TABLET.public
        self.existing.shared()
        self.carry()


def pair(
    existing: Greeting, new: Greeting, *, tags: tuple[bytes | None, bytes | None] = (None, None)
) -> Pair:
    expected_device, expected_account = tags
    return Pair(
        ExistingDevice(existing, NOW, 120, expected_device),
        NewDevice(NEWCOMER, new, NOW, 120, expected_account),
    )


def shown_by_existing() -> Pair:
    code = payload(Intent.EXISTING_SHOWS)
    return pair(Showing(code, SHOWN), Scanning(code, SCANNED), tags=(None, code.tag))


def shown_by_new() -> Pair:
    code = payload(Intent.NEW_SHOWS)
    return pair(Scanning(code, SCANNED), Showing(code, SHOWN), tags=(code.tag, None))


def typed(code: str = CODE, guess: str = CODE) -> Pair:
    dice, others = digest("giving") * 2, digest("typing") * 2
    return pair(Giving(code, MEETING, dice), Typing(guess, MEETING, others))


def opened(made: Pair) -> Pair:
    """The same, once both have proven themselves and the person is asked."""
    if isinstance(made.existing._greeting, Giving):
        made.carry()
    else:
        made.check()
    return made


def provisioned(made: Pair) -> Pair:
    opened(made).approve()
    return made


def linked(made: Pair) -> bool:
    return sum(isinstance(event, Linked) for event in made.told) == 2
