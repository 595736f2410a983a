"""What a relay has to be like for stock clients to get on with it, one rule a test.

Stock clients never send again what was not acked, give up for good over some close codes, and hang
over some answers; the relay must not lead them there.
"""

from dataclasses import replace

import pytest

from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import AckStatus, Permission

from .node import Node

PERMISSION = int(AckStatus.PERMISSION_DENIED)


async def cut(relay: Relay, code: int = 1012) -> None:
    """Close all connections, as a relay that stops does."""
    for connection in list(relay._connections.values()):
        await connection.close(code, "for a test")


async def test_a_join_asked_before_the_connection_is_open_is_answered(
    js: Node, relay: Relay
) -> None:
    assert await js(
        """
        const client = new LoroWebsocketClient({ url });
        const a = await loro(client, "notes");
        return a.room !== undefined;
        """,
        url=relay.url,
    )


@pytest.mark.parametrize("path", ["/", "/a/workspace", "/?token=a%20b", "/a?b=c&d"])
async def test_the_address_may_have_any_path(js: Node, relay: Relay, path: str) -> None:
    assert await js(
        "return (await loro(await connect(url), 'notes')).room !== undefined;", url=relay.url + path
    )


async def test_updates_before_the_join_after_a_reconnect_are_denied_and_come_with_the_join(
    js: Node, relay: Relay
) -> None:
    await js(
        """
        const auth = async () => (await kept.gate, utf8(""));
        kept.a = await join(await connect(url), "notes", new LoroAdaptor(new LoroDoc()), auth);
        kept.b = await loro(await connect(url), "notes");
        type(kept.a, "one ");
        await until(() => text(kept.b) === "one ");
        kept.gate = new Promise((resolve) => { kept.open = resolve; });
        """,
        url=relay.url,
    )
    await cut(relay)
    refused = await js(
        """
        const { a, b } = kept;
        await until(() => a.statuses.includes("reconnecting"));
        await until(() => a.client.getStatus() === "connected");
        type(a, "two ");
        await until(() => a.refused.length);
        kept.open();
        await until(() => text(b) === "two one ");
        return a.refused;
        """
    )
    assert refused == [PERMISSION]


async def test_updates_after_leaving_are_denied_and_the_connection_stays(
    js: Node, relay: Relay
) -> None:
    acks = await js(
        """
        const a = await loro(await connect(url), "notes");
        const b = await loro(await connect(url), "notes");
        const other = await loro(a.client, "other");
        await a.room.leave();
        type(a, "too late");
        const ack = await until(() => a.client.heard.find((m) => m.type === 8));
        type(other, "still here");
        await until(() => a.client.heard.find((m) => m.type === 8 && m.status === 0));
        return [ack.status, text(b), a.client.statuses];
        """,
        url=relay.url,
    )
    assert acks == [PERMISSION, "", ["connecting", "connected"]]


async def test_what_was_written_offline_comes_with_the_next_join(js: Node, relay: Relay) -> None:
    await js(
        """
        kept.a = await loro(await connect(url, { reconnect: { initialDelayMs: 300 } }), "notes");
        kept.b = await loro(await connect(url), "notes");
        """,
        url=relay.url,
    )
    await cut(relay)
    assert await js(
        """
        await until(() => kept.a.client.getStatus() === "disconnected");
        type(kept.a, "written offline");
        await until(() => text(kept.b) === "written offline");
        return kept.a.statuses.at(-1);
        """
    ) in ("joined", "reconnecting")


@pytest.mark.parametrize("code", [1001, 1002, 1012, 1013])
async def test_the_codes_a_relay_closes_with_bring_clients_back(
    js: Node, relay: Relay, code: int
) -> None:
    await js("kept.a = await loro(await connect(url), 'notes');", url=relay.url)
    await cut(relay, code)
    assert await js(
        """
        await until(() => kept.a.client.statuses.length >= 5);
        return kept.a.client.statuses.slice(2, 5);
        """
    ) == ["disconnected", "connecting", "connected"]


async def test_a_version_that_means_nothing_leads_to_a_join_without_one(
    js: Node, relay: Relay
) -> None:
    heard = await js(
        """
        const a = await loro(await connect(url), "notes");
        type(a, "words");
        await until(() => a.client.heard.some((m) => m.type === 8));
        class Odd extends LoroAdaptor { getVersion() { return utf8("my own format"); } }
        const b = await join(await connect(url), "notes", new Odd(new LoroDoc()));
        await until(() => text(b) === "words");
        return b.client.heard.map((m) => [m.type, m.code ?? null]).slice(0, 2);
        """,
        url=relay.url,
    )
    assert heard == [[2, 1], [1, None]]


async def test_an_empty_version_is_never_unknown(js: Node, relay: Relay) -> None:
    kinds = await js(
        """
        const socket = await raw(url);
        const kinds = ["%LOR", "%ELO", "%EPH", "%EPS", "%FLO", "%YJS", "%YAW"];
        for (const crdt of kinds) {
          socket.send(protocol.encode({
            type: 0, crdt, roomId: "r", auth: utf8(""), version: utf8(""),
          }));
        }
        await until(() => socket.heard.length === kinds.length);
        const order = (one, other) => (one[0] < other[0] ? -1 : 1);
        return socket.heard.map((m) => [m.crdt, m.type, hex(m.version)]).sort(order);
        """,
        url=relay.url,
    )
    assert kinds == [
        ["%ELO", 1, "00"],
        ["%EPH", 1, ""],
        ["%EPS", 1, ""],
        ["%FLO", 1, "56455645"],
        ["%LOR", 1, "00"],
        ["%YAW", 1, ""],
        ["%YJS", 1, "00"],
    ]


async def test_a_refused_join_fails_at_once(js: Node, config: RelayConfig) -> None:
    guarded = replace(config, plain_tokens={"writer": Permission.WRITE})
    async with Relay(guarded, clock=SystemClock(), quiet=True) as relay:
        error = await js(
            """
            const client = await connect(url);
            try { await loro(client, "notes", "wrong"); } catch (error) { return error.message; }
            """,
            url=relay.url,
        )
    assert error.startswith("Join failed: 2")


async def test_an_empty_document_is_not_uploaded_at_each_join(js: Node, relay: Relay) -> None:
    heard = await js(
        """
        const a = await loro(await connect(url), "notes");
        const b = await loro(await connect(url), "notes");
        type(b, "words");
        await until(() => text(a) === "words");
        return [a.client.heard.map((m) => m.type), hex(a.client.heard[0].version)];
        """,
        url=relay.url,
    )
    # Let in, and one update: no Ack, so nothing was sent.
    assert heard == [[1, 3], "00"]


async def test_a_reader_gets_everything_and_its_updates_are_denied(
    js: Node, config: RelayConfig
) -> None:
    tokens = {"scribe": Permission.WRITE, "guest": Permission.READ}
    async with Relay(
        replace(config, plain_tokens=tokens), clock=SystemClock(), quiet=True
    ) as relay:
        seen = await js(
            """
            const writer = await loro(await connect(url), "notes", "scribe");
            const reader = await loro(await connect(url), "notes", "guest");
            type(reader, "graffiti");
            await until(() => reader.refused.length);
            type(writer, "words");
            await until(() => text(reader).includes("words"));
            const granted = reader.client.heard[0].permission;
            return [granted, reader.refused, text(writer), reader.client.statuses];
            """,
            url=relay.url,
        )
    assert seen == ["read", [PERMISSION], "words", ["connecting", "connected"]]


async def test_what_only_relays_say_is_borne_from_a_client(js: Node, relay: Relay) -> None:
    heard = await js(
        """
        const socket = await raw(url);
        const room = { crdt: "%LOR", roomId: "r" };
        socket.send(protocol.encode({ ...room, type: 0, auth: utf8(""), version: utf8("") }));
        const batchId = "0x0102030405060708";
        for (const message of [
          { ...room, type: 8, refId: batchId, status: 7 },
          { ...room, type: 6, code: 1, message: "no" },
          { ...room, type: 2, code: 127, message: "no", appCode: "x" },
        ]) socket.send(protocol.encode(message));
        socket.send("ping");
        socket.send("whatever");
        await until(() => socket.texts.length && socket.heard.length);
        return [socket.texts, socket.heard.map((m) => m.type), socket.readyState];
        """,
        url=relay.url,
    )
    assert heard == [["pong"], [1], 1]


async def test_nobody_gets_back_what_they_sent_and_the_ack_names_its_batch(
    js: Node, relay: Relay
) -> None:
    heard = await js(
        """
        const a = await loro(await connect(url), "notes");
        const b = await loro(await connect(url), "notes");
        type(a, "words");
        await until(() => text(b) === "words");
        await until(() => a.client.heard.some((m) => m.type === 8));
        const ack = a.client.heard.find((m) => m.type === 8);
        return [a.client.heard.map((m) => m.type), ack.crdt, ack.roomId, ack.status];
        """,
        url=relay.url,
    )
    assert heard == [[1, 8], "%LOR", "notes", 0]


async def test_joining_twice_on_one_socket_is_one_subscription(js: Node, relay: Relay) -> None:
    heard = await js(
        """
        const socket = await raw(url);
        const ask = protocol.encode({
          type: 0, crdt: "%LOR", roomId: "notes", auth: utf8(""), version: utf8(""),
        });
        socket.send(ask);
        socket.send(ask);
        await until(() => socket.heard.length === 2);
        const a = await loro(await connect(url), "notes");
        type(a, "one");
        await until(() => a.client.heard.some((m) => m.type === 8));
        socket.send("ping");
        await until(() => socket.texts.length);
        return socket.heard.map((m) => m.type);
        """,
        url=relay.url,
    )
    assert heard == [1, 1, 3]


async def test_presence_without_an_entry_goes_no_further(js: Node, relay: Relay) -> None:
    heard = await js(
        """
        const presence = async () =>
          join(await connect(url), "cursors", new LoroEphemeralAdaptor(new EphemeralStore(30000)));
        const a = await presence(), b = await presence();
        b.getStore().set("bob", 1);
        await until(() => a.getStore().get("bob"));
        return a.client.heard.map((m) => m.type);
        """,
        url=relay.url,
    )
    # Let in, the Ack of the empty state that it sent, and what b said.
    assert heard == [1, 8, 3]


async def test_the_answer_to_a_join_comes_before_what_is_owed(js: Node, relay: Relay) -> None:
    heard = await js(
        """
        const first = await connect(url);
        type(await loro(first, "x"), "words");
        type(await elo(first, "x"), "words");
        await until(() => first.heard.filter((m) => m.type === 8).length >= 2);
        const late = await connect(url);
        const both = [await loro(late, "x"), await elo(late, "x")];
        await until(() => both.every((adaptor) => text(adaptor) === "words"));
        return ["%LOR", "%ELO"].map((kind) => late.heard.find((m) => m.crdt === kind).type);
        """,
        url=relay.url,
    )
    assert heard == [1, 1]


async def test_after_a_malformed_frame_the_client_comes_back(js: Node, relay: Relay) -> None:
    closed = await js(
        """
        const a = await loro(await connect(url), "notes");
        const b = await loro(await connect(url), "notes");
        const closed = new Promise((resolve) =>
          a.client.socket.addEventListener("close", (event) => resolve(event.code)));
        a.client.socket.send(utf8("ping"));
        const code = await closed;
        type(a, "back again");
        await until(() => text(b) === "back again");
        return code;
        """,
        url=relay.url,
    )
    assert closed == 1002


async def test_pings_of_clients_are_answered(js: Node, relay: Relay) -> None:
    assert await js(
        """
        const options = { pingIntervalMs: 10, pingTimeoutMs: 2000 };
        const a = await loro(await connect(url, options), "notes");
        await until(() => a.client.getLatency() !== undefined);
        return a.client.statuses;
        """,
        url=relay.url,
    ) == ["connecting", "connected"]


async def test_an_adaptor_that_sends_every_edit_twice_is_heard_once(js: Node, relay: Relay) -> None:
    # As a stock one does that is used for a second join after an eviction.
    heard = await js(
        """
        const a = await loro(await connect(url), "notes");
        const b = await loro(await connect(url), "notes");
        a.client.cleanupRoom("notes", "%LOR");
        await join(a.client, "notes", a);
        type(a, "words");
        await until(() => a.client.heard.filter((m) => m.type === 8).length === 2);
        type(b, "and ");
        await until(() => text(a) === "and words");
        return [b.client.heard.filter((m) => m.type === 3).length, a.refused];
        """,
        url=relay.url,
    )
    assert heard == [1, []]


async def test_values_that_are_kept_do_not_time_out_at_the_relay(js: Node, relay: Relay) -> None:
    seen = await js(
        """
        // A value that was written eight days after time began.
        const old = unhex("01036164610104046865726580f0bdca02");
        const stored = (timeout) => new LoroPersistentStoreAdaptor(new EphemeralStore(timeout));
        const a = await join(await connect(url), "titles", stored(1e15));
        a.client.sendExternalUpdates("%EPS", "titles", [old]);
        await until(() => a.client.heard.filter((m) => m.type === 8).length === 2);
        const long = await join(await connect(url), "titles", stored(1e15));
        const short = await join(await connect(url), "titles", stored(30000));
        await until(() => long.getStore().get("ada"));
        await until(() => short.client.heard.some((m) => m.type === 3));
        return [long.getStore().get("ada"), short.getStore().get("ada") ?? null];
        """,
        url=relay.url,
    )
    assert seen == ["here", None]
