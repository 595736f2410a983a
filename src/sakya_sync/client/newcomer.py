"""A new device comes to an account by linking: its keys, the way in, and what it keeps.

Spec: docs/protocol.md#linking.
"""

import asyncio
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from sakya_sync.client.device import RELAY_KEY, SUBJECT_KEY, open_device
from sakya_sync.client.founding import device_name, identity_of, write_state
from sakya_sync.client.home import Home
from sakya_sync.client.link import Link
from sakya_sync.client.mailbox import PlateRoom
from sakya_sync.client.person import Follow, Person, Type, Way
from sakya_sync.client.ports import Ports
from sakya_sync.client.recovering import WAIT_SECONDS, fetch_access, listed
from sakya_sync.client.talk import Talk, ask_or_show, meeting_in, scanning_of
from sakya_sync.client.vaultfile import open_vault, write_vault
from sakya_sync.errors import AccountPresent, LinkingRefused, LinkTextWrong
from sakya_sync.limits import LINK_SHOWN_SECONDS
from sakya_sync.linking.codes import read_code
from sakya_sync.linking.greeting import Greeting
from sakya_sync.linking.machine import Event, Register
from sakya_sync.linking.new import Newcomer, NewDevice
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
from sakya_sync.linking.tags import device_tag
from sakya_sync.linking.typed import DICE_BYTES, Typing
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.keys import SealingSecret, SigningKey
from sakya_sync.session.rooms.mailbox import Side, encode_register
from sakya_sync.wire.messages import AckStatus


async def join_by_link(
    way: Way,
    person: Person,
    *,
    home: Home,
    relay_url: str | None = None,
    name: str | None = None,
    ports: Ports | None = None,
) -> str:
    """Make this a device of the account that another device has; the relay's URL.

    When it is done this device holds the keys of all of the account's projects.

    Args:
        relay_url: needed where the way does not name the relay: to show a code, or to type one.
        name: what the account is to call this device, if not by the computer's name.

    Raises: AccountPresent, LinkTextWrong and its kin, LinkingRefused, TooManyAttempts,
    RelayUnreachable, and what the disk raises.
    """
    ports = Ports.real() if ports is None else ports
    if home.vault.exists():
        raise AccountPresent
    dice, clock = ports.entropy, ports.clock
    newcomer = Newcomer(
        SigningKey(dice.bytes(32)),
        SealingSecret(dice.bytes(32)),
        name or device_name(),
        platform.system() or "a computer",
        version("sakya-sync"),
    )
    payload: Payload | None = None
    if isinstance(way, Follow):
        payload = decode(from_text(way.text))
        now = clock.wall_ms() // 1000
        check(payload, Intent.EXISTING_SHOWS, now, trusted=relay_url)
        if relay_url is not None and payload.relay != relay_url:
            raise LinkTextWrong(f"it is for the relay {payload.relay}")
    url = relay_url if payload is None else payload.relay
    if url is None:
        raise LinkTextWrong("say which relay with --relay")
    guest = _Guest(newcomer, home, url, person, ports)
    async with _linked_up(url, newcomer.signing, ports) as link:
        try:
            if payload is not None:
                await guest.follow(link, payload)
            elif isinstance(way, Type) and way.code is not None:
                await guest.type(link, way.code)
            else:
                await guest.show(link)
        except LinkingRefused:
            # Once it is registered it is a device, whatever came after: any other one of the
            # account seals to it what is still missing.
            if not home.vault.exists():
                raise
    await _fetch_everything(home, url, ports)
    return url


class _Guest:
    """The new device, while it is linked."""

    def __init__(
        self, newcomer: Newcomer, home: Home, url: str, person: Person, ports: Ports
    ) -> None:
        self._newcomer = newcomer
        self._home = home
        self._url = url
        self._person = person
        self._ports = ports

    async def follow(self, link: Link, payload: Payload) -> None:
        """Answer a code that an existing device shows."""
        greeting = scanning_of(payload, self._ports.entropy.bytes(32))
        async with meeting_in(link, payload.meeting, Side.CLAIM) as talk:
            await talk.enter()
            await self._run(talk, greeting, payload.tag)

    async def type(self, link: Link, code: str) -> None:
        """Prove a code that an existing device made."""
        nameplate, code = read_code(code)
        room = PlateRoom(link, nameplate)
        link.attach(room)
        try:
            meeting = await _or_unreachable(room.found, link)
        finally:
            link.detach(room)
        async with meeting_in(link, meeting, Side.CLAIM) as talk:
            await talk.enter()
            greeting = Typing(code, meeting, self._ports.entropy.bytes(DICE_BYTES))
            await self._run(talk, greeting)

    async def show(self, link: Link) -> None:
        """Show a code for an existing device."""
        dice, who = self._ports.entropy, self._newcomer
        meeting, secret = dice.bytes(MEETING_BYTES), dice.bytes(32)
        payload = Payload(
            Intent.NEW_SHOWS,
            meeting,
            share_of(secret),
            dice.bytes(OPTICAL_BYTES),
            device_tag(who.signing.public, who.sealing.public),
            self._ports.clock.wall_ms() // 1000 + LINK_SHOWN_SECONDS,
            self._url,
        )
        async with meeting_in(link, meeting, Side.OPEN) as talk:
            await talk.enter()
            self._person.show_text(as_text(payload.encode()))
            await self._run(talk, Showing(payload, secret))

    async def _run(self, talk: Talk, greeting: Greeting, tag: bytes | None = None) -> None:
        now = self._ports.clock.now()
        linking = NewDevice(self._newcomer, greeting, now, LINK_SHOWN_SECONDS, tag)

        async def act(event: Event) -> None:
            if isinstance(event, Register):
                self._person.told("approved")
                await self._register(linking, talk, event)
            else:
                await ask_or_show(event, linking, self._person)

        await talk.drive(linking, act, self._person)
        await talk.close()

    async def _register(self, linking: NewDevice, talk: Talk, event: Register) -> None:
        certificates = [event.delegation.encode(), event.acceptance.encode()]
        wish = encode_register(event.account, event.token, certificates)
        if await talk.room.ask(wish) is not AckStatus.OK:
            linking.not_registered()
            return
        who = self._newcomer
        meta = {SUBJECT_KEY: bytes(event.account), RELAY_KEY: self._url.encode()}
        self._home.make()
        write_state(self._home, self._home.account, meta, list(event.certificates))
        # The vault last: until it is there, this device has no account.
        contents = VaultContents(who.signing, who.sealing, event.account, None, event.name)
        write_vault(self._home, contents, self._ports.entropy)
        self._person.told("registered")
        linking.registered()


async def _fetch_everything(home: Home, url: str, ports: Ports) -> None:
    """The account's rooms, and the keys of each of its projects."""
    identity = identity_of(open_vault(home))
    async with open_device(home, identity, url, ports) as device:
        await device.until(lambda: device.settled, WAIT_SECONDS)
        for project in listed(device.projects()):
            await fetch_access(device, home, project, share=False)


@asynccontextmanager
async def _linked_up(url: str, signing: SigningKey, ports: Ports) -> AsyncIterator[Link]:
    """A connection for a device that has no account yet."""
    link = Link(url, signing, connector=ports.connector, clock=ports.clock, entropy=ports.entropy)
    running = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _or_unreachable(answer: asyncio.Future[bytes], link: Link) -> bytes:
    while not answer.done():
        if link.state.problem is not None:
            answer.cancel()
            raise link.state.problem
        await asyncio.wait((answer,), timeout=0.05)
    return answer.result()
