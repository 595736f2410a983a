"""Stock clients in sealed rooms: let in by a ticket, refused what is not sealed, put out when the
device is removed."""

from dataclasses import replace

from access.people import digest
from relay.people import (
    ACCOUNT,
    ANNA,
    FOUNDING,
    LAPTOP,
    STRUCTURE,
    TABLET,
    Pen,
    RawClient,
    b64u,
    enrolled,
)
from sakya_sync.access.certificates import revoke
from sakya_sync.access.payload import JoinPayload
from sakya_sync.access.tickets import sign_ticket
from sakya_sync.ids import RoomId
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import AckStatus, JoinResponseOk, Magic

from .node import Node


def ticket(relay: Relay, name: str) -> str:
    """What lets the tablet into the structure room, once."""
    nonce = digest(name)[:16]
    now_ms = SystemClock().wall_ms()
    signed = sign_ticket(TABLET, relay.url, Magic.ELO, STRUCTURE, now_ms, nonce)
    return JoinPayload(signed).encode().hex()


async def founded(relay: Relay) -> RawClient:
    """The laptop, in the access rooms of project and account; the tablet is known too."""
    laptop = await RawClient.connect(relay, LAPTOP)
    await laptop.introduce((*FOUNDING, *enrolled(TABLET)))
    await laptop.enter()
    account = RoomId(f"{b64u(ACCOUNT)}/access")
    assert isinstance(await laptop.join(Magic.SKA, account), JoinResponseOk)
    return laptop


async def remove_the_tablet(laptop: RawClient) -> None:
    account = RoomId(f"{b64u(ACCOUNT)}/access")
    removal = revoke(ANNA, enrolled(TABLET)[0].id)
    assert await laptop.put_updates(Magic.SKA, account, removal.encode()) is AckStatus.OK


async def test_a_stock_client_gets_sealed_records_and_is_refused_its_own(
    js: Node, config: RelayConfig
) -> None:
    async with Relay(
        replace(config, public_url="ws://relay.test"), clock=SystemClock(), quiet=True
    ) as relay:
        laptop = await founded(relay)
        assert await laptop.put(Pen(LAPTOP).write()) is AckStatus.OK
        assert relay._listening is not None
        seen = await js(
            """
            const stranger = await elo(await connect(url), room).catch((error) => error.message);
            const failed = [];
            const config = { onDecryptError: (error, about) => failed.push(about.keyId) };
            const a = await elo(await connect(url), room, unhex(ticket), config);
            await until(() => failed.length);
            type(a, "unsealed");
            await until(() => a.refused.length);
            return [stranger.slice(0, 14), failed.length, a.refused[0], a.client.statuses];
            """,
            url=f"ws://127.0.0.1:{relay._listening.port}",
            room=STRUCTURE,
            ticket=ticket(relay, "first"),
        )
    invalid = int(AckStatus.INVALID_UPDATE)
    assert seen == ["Join failed: 2", 1, invalid, ["connecting", "connected"]]


async def test_a_stock_client_whose_device_is_removed_is_evicted_and_its_other_rooms_go_on(
    js: Node, config: RelayConfig
) -> None:
    async with Relay(
        replace(config, public_url="ws://relay.test"), clock=SystemClock(), quiet=True
    ) as relay:
        laptop = await founded(relay)
        assert relay._listening is not None
        given = {
            "url": f"ws://127.0.0.1:{relay._listening.port}",
            "room": STRUCTURE,
        }
        await js(
            """
            kept.client = await connect(url);
            kept.a = await elo(kept.client, room, unhex(ticket));
            kept.notes = await loro(kept.client, "notes");
            """,
            **given,
            ticket=ticket(relay, "first"),
        )
        await remove_the_tablet(laptop)
        seen = await js(
            """
            const { a, client, notes } = kept;
            await until(() => client.heard.some((m) => m.type === 6));
            const error = client.heard.find((m) => m.type === 6);
            client.heard.length = 0;
            type(a, "after the removal");
            const denied = await until(() => client.heard.find((m) => m.type === 8));
            const b = await loro(await connect(url), "notes");
            type(notes, "still here");
            await until(() => text(b) === "still here");
            const rejoin = elo(await connect(url), room, unhex(ticket));
            const again = await rejoin.catch((error) => error.message);
            return [error.code, denied.status, client.statuses, again.slice(0, 14)];
            """,
            **given,
            ticket=ticket(relay, "second"),
        )
    denied = int(AckStatus.PERMISSION_DENIED)
    assert seen == [2, denied, ["connecting", "connected"], "Join failed: 2"]


async def test_what_could_not_be_stored_is_asked_for_again_and_comes(
    js: Node, relay: Relay
) -> None:
    assert relay._plain is not None
    commits = relay._plain._keeper.store._commits
    await js(
        """
        kept.a = await loro(await connect(url), "notes");
        kept.b = await loro(await connect(url), "notes");
        type(kept.a, "one ");
        await until(() => text(kept.b) === "one ");
        """,
        url=relay.url,
    )
    pages = commits._connection.execute("PRAGMA page_count").fetchone()[0]
    commits._connection.execute(f"PRAGMA max_page_count = {pages}")
    refused = await js(
        """
        type(kept.a, "two ".repeat(5000));
        await until(() => kept.a.refused.length);
        return [kept.a.refused[0], text(kept.b), kept.a.client.statuses];
        """
    )
    assert refused == [int(AckStatus.UNKNOWN), "one ", ["connecting", "connected"]]
    commits._connection.execute(f"PRAGMA max_page_count = {pages + 100_000}")
    assert await js(
        """
        await until(() => text(kept.b).startsWith("two "));
        return text(kept.a) === text(kept.b);
        """
    )
