"""The existing device links a new one: shows, asks, approves, and seals every key to it.

Spec: docs/protocol.md#linking.
"""

from typing import Final, assert_never

from sakya_sync.access.power import Power
from sakya_sync.client.device import RELAY_KEY, STATE_FILE, Device, open_device
from sakya_sync.client.founding import identity_of
from sakya_sync.client.home import Home
from sakya_sync.client.person import Follow, Person, Show, Type, Way
from sakya_sync.client.ports import Ports
from sakya_sync.client.recovering import WAIT_SECONDS, fetch_access, listed
from sakya_sync.client.talk import Talk, ask_or_show, meeting_in, scanning_of
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.errors import LinkingError, LinkingRefused, LinkTextWrong, PowerMissing
from sakya_sync.ids import DeviceId
from sakya_sync.limits import LINK_SHOWN_SECONDS
from sakya_sync.linking.burns import Burns
from sakya_sync.linking.codes import WORDS, make_code
from sakya_sync.linking.existing import ExistingDevice
from sakya_sync.linking.greeting import Greeting
from sakya_sync.linking.machine import AskApproval, Enrolled, Event, Reason
from sakya_sync.linking.messages import TOKEN_BYTES, Hello
from sakya_sync.linking.payload import (
    MEETING_BYTES,
    OPTICAL_BYTES,
    Intent,
    Payload,
    as_text,
    check,
    decode,
    from_text,
)
from sakya_sync.linking.shown import Showing, share_of
from sakya_sync.linking.tags import account_tag
from sakya_sync.linking.typed import DICE_BYTES, Giving
from sakya_sync.linking.vouching import vouching
from sakya_sync.session.rooms.mailbox import Side, encode_promise, promise_digest
from sakya_sync.store.device.batch import Batch
from sakya_sync.store.device.store import DeviceStore
from sakya_sync.wire.messages import AckStatus

BURNS_KEY: Final = "link-burns"


async def link_device(
    way: Way,
    person: Person,
    *,
    home: Home,
    power: Power = Power.WRITE,
    ports: Ports | None = None,
) -> str:
    """Link one new device to this one's account; its name.

    Raises: AccountMissing, PowerMissing, LinkingRefused, LinkingLocked, LinkTextWrong and its kin,
    RelayUnreachable.
    """
    ports = Ports.real() if ports is None else ports
    identity, url = identity_of(open_vault(home)), account_relay(home)
    async with open_device(home, identity, url, ports) as device:
        await device.until(lambda: device.settled, WAIT_SECONDS)
        if not device.trust.members.administers(identity.account, identity.signing.public):
            raise PowerMissing
        host = _Host(device, home, person, power)
        return await host.link(way)


def account_relay(home: Home) -> str:
    """Where this device's account lives. Raises AccountMissing and its kin."""
    open_vault(home)
    store = DeviceStore(home.account / STATE_FILE)
    try:
        return (store.meta(RELAY_KEY) or b"").decode()
    finally:
        store.close()


class _Host:
    """The existing device, while it links one."""

    def __init__(self, device: Device, home: Home, person: Person, power: Power) -> None:
        self._device = device
        self._home = home
        self._person = person
        self._power = power
        self._identity = device.identity
        self._dice = device.ports.entropy
        self._clock = device.ports.clock
        self._linked = ""

    async def link(self, way: Way) -> str:
        match way:
            case Show():
                await self._show()
            case Type():
                await self._type()
            case Follow(text=text):
                await self._follow(text)
            case _:
                assert_never(way)
        return self._linked

    async def _show(self) -> None:
        meeting, secret = self._dice.bytes(MEETING_BYTES), self._dice.bytes(32)
        payload = Payload(
            Intent.EXISTING_SHOWS,
            meeting,
            share_of(secret),
            self._dice.bytes(OPTICAL_BYTES),
            account_tag(self._identity.account),
            self._clock.wall_ms() // 1000 + LINK_SHOWN_SECONDS,
            self._device.link.url,
        )
        async with meeting_in(self._device.link, meeting, Side.OPEN) as talk:
            await talk.enter()
            self._person.show_text(as_text(payload.encode()))
            await self._run(talk, Showing(payload, secret))

    async def _type(self) -> None:
        store = self._device.account.store
        burns = Burns.decode(store.meta(BURNS_KEY))
        burns.check(self._clock.wall_ms())
        meeting = self._dice.bytes(MEETING_BYTES)
        async with meeting_in(self._device.link, meeting, Side.OPEN_NUMBERED) as talk:
            await talk.enter()
            if talk.room.nameplate is None:
                raise LinkingError("a relay that gives no nameplate")
            code = make_code(talk.room.nameplate, self._dice.bytes(WORDS))
            self._person.show_code(code)
            try:
                await self._run(talk, Giving(code, meeting, self._dice.bytes(DICE_BYTES)))
            except LinkingRefused as refused:
                if refused.details["detail"] == Reason.WRONG_CODE.value:
                    now_ms = self._clock.wall_ms()
                    burnt = burns.burnt(now_ms)
                    batch = Batch()
                    batch.meta(BURNS_KEY, burnt.encode())
                    await store.commit(batch)
                    burnt.check(now_ms)
                raise

    async def _follow(self, text: str) -> None:
        payload = decode(from_text(text))
        url = self._device.link.url
        check(payload, Intent.NEW_SHOWS, self._clock.wall_ms() // 1000, trusted=url)
        if payload.relay != url:
            raise LinkTextWrong(f"the new device has to use this account's relay, {url}")
        greeting = scanning_of(payload, self._dice.bytes(32))
        async with meeting_in(self._device.link, payload.meeting, Side.CLAIM) as talk:
            await talk.enter()
            await self._run(talk, greeting, payload.tag)

    async def _run(self, talk: Talk, greeting: Greeting, tag: bytes | None = None) -> None:
        linking = ExistingDevice(greeting, self._clock.now(), LINK_SHOWN_SECONDS, tag)

        async def act(event: Event) -> None:
            if isinstance(event, AskApproval):
                await self._approve(linking, talk, event.hello)
            elif isinstance(event, Enrolled):
                self._person.told("registered")
                await self._seal(event)
                self._linked = event.name
                self._person.told("sealed")
                linking.shared()
            else:
                await ask_or_show(event, linking, self._person)

        await talk.drive(linking, act, self._person)

    async def _approve(self, linking: ExistingDevice, talk: Talk, hello: Hello) -> None:
        approval = await self._person.ask_approval(hello)
        if approval is None:
            linking.deny()
            return
        account, token = self._identity.account, self._dice.bytes(TOKEN_BYTES)
        digest = promise_digest(token, account, DeviceId(hello.device))
        if await talk.room.ask(encode_promise(account, digest)) is not AckStatus.OK:
            linking.cancel()
            return
        held = vouching(self._device.trust.certificates, account, self._identity.signing.public)
        linking.approve(
            self._identity.signing,
            account,
            held,
            token=token,
            power=self._power,
            name=approval.name,
        )
        self._person.told("approved")

    async def _seal(self, event: Enrolled) -> None:
        """Every key of the account and of all its projects, to the new device."""
        device = self._device
        device.account.access.add([event.delegation, event.acceptance])
        device.account.access.share()
        await device.until(lambda: device.settled, WAIT_SECONDS)
        for project in listed(device.projects()):
            await fetch_access(device, self._home, project, share=True)
        await device.until(lambda: device.settled, WAIT_SECONDS)
