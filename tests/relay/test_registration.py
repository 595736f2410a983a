"""A relay can be open, take accounts by invitation, or be closed; members stay members."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from access.people import sealing_secret, signing_key
from sakya_sync.access.certificates import Certificate, delegate
from sakya_sync.access.founding import found_account, found_project
from sakya_sync.access.payload import JoinPayload
from sakya_sync.access.power import Power
from sakya_sync.ids import RoomId, SubjectId
from sakya_sync.relay.config import Registration, RelayConfig
from sakya_sync.relay.registrar import invitation_digest
from sakya_sync.relay.server import Relay
from sakya_sync.seal.keys import SigningKey
from sakya_sync.store.relay.invitations import add_invitation
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import JoinError, JoinErrorCode, JoinResponseOk, Magic

from .people import (
    ACCESS,
    ACCOUNT,
    FOUNDING,
    LAPTOP,
    LAPTOP_CERTIFICATES,
    PROJECT,
    SUBJECT,
    TABLET,
    RawClient,
    b64u,
    enrolled,
)

INVITATION = bytes(range(16))
BEN = signing_key("ben")
BENS_PHONE = signing_key("ben's phone")
BEN_CERTIFICATES = found_account(
    BEN, sealing_secret("ben").public, BENS_PHONE, sealing_secret("ben's phone").public
)
BENS_PROJECT = signing_key("ben's project")


def access(key: SigningKey) -> RoomId:
    """The access room of a subject."""
    return RoomId(f"{b64u(key.public)}/access")


def serving(config: RelayConfig, registration: Registration) -> Relay:
    """A relay over the same records."""
    return Relay(replace(config, registration=registration), clock=SystemClock(), quiet=True)


async def asked(
    relay: Relay,
    key: SigningKey,
    certificates: Sequence[Certificate],
    room: RoomId = ACCESS,
    invitation: bytes | None = None,
) -> bool:
    """Whether a device is let in; if not, it must be for want of registration."""
    client = await RawClient.connect(relay, key)
    introduction = tuple(item.encode() for item in certificates)
    ticket = client.ticket(Magic.SKA, room)
    payload = JoinPayload(ticket, introduction, invitation=invitation)
    answer = await client.join(Magic.SKA, room, payload)
    if isinstance(answer, JoinError):
        assert (answer.code, answer.app_code) == (JoinErrorCode.APP, "not_registered")
    await client.transport.close()
    return isinstance(answer, JoinResponseOk)


def invite(config: RelayConfig, uses: int = 1, days: float = 1) -> None:
    """Give out the invitation."""
    expires_ms = SystemClock().wall_ms() + int(days * 86_400_000)
    add_invitation(config.data, invitation_digest(INVITATION), uses, expires_ms)


@pytest.mark.parametrize("registration", [Registration.CLOSED, Registration.INVITATION])
async def test_nobody_begins_an_account_where_nobody_may(
    config: RelayConfig, registration: Registration
) -> None:
    async with serving(config, registration) as relay:
        assert not await asked(relay, LAPTOP, FOUNDING)
        assert not await asked(relay, LAPTOP, FOUNDING, invitation=bytes(16))
    async with serving(config, Registration.CLOSED) as relay:
        # Nothing of it was kept, so that it would count as known now.
        assert not await asked(relay, LAPTOP, FOUNDING)


async def test_members_go_on_and_begin_projects_where_registration_is_closed(
    config: RelayConfig,
) -> None:
    async with serving(config, Registration.OPEN) as relay:
        assert await asked(relay, LAPTOP, LAPTOP_CERTIFICATES, RoomId(f"{b64u(ACCOUNT)}/access"))
    async with serving(config, Registration.CLOSED) as relay:
        assert await asked(relay, LAPTOP, FOUNDING)
        assert await asked(relay, TABLET, enrolled(TABLET))
        second = signing_key("second project")
        assert await asked(relay, TABLET, found_project(second, ACCOUNT), access(second))


async def test_members_bring_in_those_they_share_with(config: RelayConfig) -> None:
    async with serving(config, Registration.OPEN) as relay:
        assert await asked(relay, LAPTOP, FOUNDING)
    async with serving(config, Registration.CLOSED) as relay:
        assert not await asked(relay, BENS_PHONE, BEN_CERTIFICATES, access(BEN))
        shared = delegate(PROJECT, BEN.public, SUBJECT, Power.WRITE)
        assert await asked(relay, BENS_PHONE, (*BEN_CERTIFICATES, shared))
        assert await asked(relay, BENS_PHONE, (), access(BEN))


async def test_who_knows_a_project_is_not_brought_in_by_that(config: RelayConfig) -> None:
    async with serving(config, Registration.OPEN) as relay:
        assert await asked(relay, LAPTOP, FOUNDING)
    async with serving(config, Registration.CLOSED) as relay:
        # A stranger's own project, shared by the stranger with an account that the relay knows.
        gift = delegate(BENS_PROJECT, ACCOUNT, SubjectId(BENS_PROJECT.public), Power.ADMIN)
        own = found_project(BENS_PROJECT, SubjectId(BEN.public))
        certificates = (*BEN_CERTIFICATES, *own, gift)
        assert not await asked(relay, BENS_PHONE, certificates, access(BENS_PROJECT))


async def test_an_invitation_is_good_for_as_many_accounts_as_it_says(
    config: RelayConfig,
) -> None:
    async with serving(config, Registration.INVITATION) as relay:
        invite(config)
        assert await asked(relay, LAPTOP, FOUNDING, invitation=INVITATION)
        # Who has an account uses up nothing more.
        assert await asked(relay, LAPTOP, FOUNDING, invitation=INVITATION)
        assert not await asked(
            relay, BENS_PHONE, BEN_CERTIFICATES, access(BEN), invitation=INVITATION
        )


async def test_an_invitation_that_led_nowhere_is_not_used_up(config: RelayConfig) -> None:
    async with serving(config, Registration.INVITATION) as relay:
        invite(config)
        stranger = await RawClient.connect(relay, BENS_PHONE)
        ticket = stranger.ticket(Magic.SKA, ACCESS)
        payload = JoinPayload(ticket, (), invitation=INVITATION)
        assert isinstance(await stranger.join(Magic.SKA, ACCESS, payload), JoinError)
        assert await asked(relay, LAPTOP, FOUNDING, invitation=INVITATION)


async def test_an_invitation_that_has_expired_lets_nobody_in(config: RelayConfig) -> None:
    async with serving(config, Registration.INVITATION) as relay:
        invite(config, days=-1)
        assert not await asked(relay, LAPTOP, FOUNDING, invitation=INVITATION)
