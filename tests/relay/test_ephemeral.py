"""`%SKE` rooms: sealed presence, passed on and never stored."""

from access.people import digest
from sakya_sync.access.power import Power
from sakya_sync.ids import RoomId
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.seal.ephemeral import (
    SESSION_BYTES,
    EphemeralMessage,
    EphemeralType,
    open_ephemeral,
    parse_ephemeral,
    seal_ephemeral,
)
from sakya_sync.seal.keys import SigningKey
from sakya_sync.wire.messages import (
    AckStatus,
    DocUpdate,
    JoinError,
    JoinErrorCode,
    JoinResponseOk,
    Magic,
    Permission,
)

from .people import FOUNDING, LAPTOP, SECRET, STRANGER, STRUCTURE, TABLET, RawClient, enrolled

TRACER = b"the cursor is in the cellar"


def presence(author: SigningKey, room: RoomId = STRUCTURE) -> bytes:
    """What an author says where their cursor is."""
    message = EphemeralMessage(EphemeralType.MESSAGE, bytes(SESSION_BYTES), 1, TRACER)
    return seal_ephemeral(SECRET, room, author, message, random=digest("random"))


async def present(relay: Relay, key: SigningKey) -> RawClient:
    client = await RawClient.connect(relay, key)
    certificates = (*FOUNDING, *enrolled(TABLET, Power.READ))
    await client.introduce(certificates if key is LAPTOP else ())
    answer = await client.join(Magic.SKE, STRUCTURE)
    assert isinstance(answer, JoinResponseOk), answer
    assert (answer.permission, answer.version) == (Permission.WRITE, b"")
    return client


async def test_presence_reaches_whoever_is_there_and_is_not_kept(
    relay: Relay, config: RelayConfig
) -> None:
    laptop = await present(relay, LAPTOP)
    tablet = await present(relay, TABLET)
    said = presence(TABLET)
    # Who may only read says where they are too.
    assert await tablet.put_updates(Magic.SKE, STRUCTURE, said) is AckStatus.OK
    while (message := await laptop.next(DocUpdate)).magic is not Magic.SKE:
        pass
    (heard,) = message.updates
    assert open_ephemeral(parse_ephemeral(heard), SECRET, STRUCTURE).body == TRACER
    late = await present(relay, LAPTOP)
    assert await late.put_updates(Magic.SKE, STRUCTURE, presence(LAPTOP)) is AckStatus.OK
    assert not [heard for heard in late.messages if heard.magic is Magic.SKE]
    for file in config.data.iterdir():
        assert said not in file.read_bytes()


async def test_nobody_says_anything_in_the_name_of_another(relay: Relay) -> None:
    laptop = await present(relay, LAPTOP)
    for wrong in (presence(TABLET), b"rubbish", presence(LAPTOP)[:-1]):
        status = await laptop.put_updates(Magic.SKE, STRUCTURE, wrong)
        assert status is AckStatus.INVALID_UPDATE


async def test_without_a_right_to_the_subject_nobody_is_let_in(relay: Relay) -> None:
    await present(relay, LAPTOP)
    stranger = await RawClient.connect(relay, STRANGER)
    answer = await stranger.join(Magic.SKE, STRUCTURE)
    assert isinstance(answer, JoinError)
    assert answer.code is JoinErrorCode.AUTH_FAILED
