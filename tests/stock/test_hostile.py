"""Stock clients that lie, flood, half-close, or send rubbish: a status for them, and nobody else
notices."""

import pytest

from relay.test_plain_documents import CRAFTED
from sakya_sync.limits import BATCH_BYTES_MAX, FRAGMENTS_MAX
from sakya_sync.relay.server import Relay
from sakya_sync.wire.messages import AckStatus

from .node import Node

PAIR = """
// Two who write to each other while somebody else misbehaves.
const quiet = async () => loro(await connect(url), "quiet");
const pair = async () => [await quiet(), await quiet()];
const undisturbed = async ([a, b]) => {
  const before = text(a);
  type(a, "still ");
  await until(() => text(b) === "still " + before);
  type(b, "here ");
  await until(() => text(a) === "here still " + before);
  return a.client.statuses.length + b.client.statuses.length === 4;
};
const joined = async (socket, crdt, roomId) => {
  socket.send(protocol.encode({ type: 0, crdt, roomId, auth: utf8(""), version: utf8("") }));
  await until(() => socket.heard.some((m) => m.type === 1 && m.crdt === crdt));
};
const acks = (socket) => socket.heard.filter((m) => m.type === 8).map((m) => m.status);
const batch = (n) => "0x" + n.toString(16).padStart(16, "0");
"""


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("%LOR", b"rubbish"),
        ("%LOR", CRAFTED),
        ("%LOR", b""),
        ("%ELO", b"rubbish"),
        ("%ELO", b"\x00"),
        ("%ELO", b"\xff" * 9),
        ("%EPS", b"\xff" * 30),
        ("%YJS", b"rubbish"),
    ],
)
async def test_rubbish_in_a_room_is_an_invalid_update(
    js: Node, relay: Relay, kind: str, bad: bytes
) -> None:
    seen = await js(
        PAIR
        + """
        const others = await pair();
        const socket = await raw(url);
        await joined(socket, kind, "quiet");
        socket.send(protocol.encode({
          type: 3, crdt: kind, roomId: "quiet", updates: [unhex(bad)], batchId: batch(1),
        }));
        await until(() => acks(socket).length);
        return [acks(socket), socket.readyState, await undisturbed(others)];
        """,
        url=relay.url,
        kind=kind,
        bad=bad.hex(),
    )
    assert seen == [[int(AckStatus.INVALID_UPDATE)], 1, True]


@pytest.mark.parametrize(
    ("count", "total", "status"),
    [
        (2**31, 2**32 - 1, AckStatus.TOO_LARGE),
        (FRAGMENTS_MAX + 1, 300_000, AckStatus.TOO_LARGE),
        (300, BATCH_BYTES_MAX + 1, AckStatus.TOO_LARGE),
        (1, BATCH_BYTES_MAX, AckStatus.INVALID_UPDATE),
        (0, 0, AckStatus.INVALID_UPDATE),
        (3, 10, AckStatus.INVALID_UPDATE),
    ],
)
async def test_a_hostile_fragment_header_is_answered_and_opens_nothing(
    js: Node, relay: Relay, count: int, total: int, status: AckStatus
) -> None:
    seen = await js(
        PAIR
        + """
        const others = await pair();
        const socket = await raw(url);
        await joined(socket, "%LOR", "quiet");
        const about = { crdt: "%LOR", roomId: "quiet", batchId: batch(1) };
        socket.send(protocol.encode({
          ...about, type: 4, fragmentCount: count, totalSizeBytes: total,
        }));
        socket.send(protocol.encode({ ...about, type: 5, index: 0, fragment: utf8("x") }));
        await until(() => acks(socket).length);
        return [acks(socket), socket.readyState, await undisturbed(others)];
        """,
        url=relay.url,
        count=count,
        total=total,
    )
    assert seen == [[int(status)], 1, True]


@pytest.mark.parametrize(
    ("index", "bytes_sent"), [(5, 245_760), (0, 10)], ids=["an index too far", "too few bytes"]
)
async def test_fragments_that_do_not_fit_their_header_end_their_batch(
    js: Node, relay: Relay, index: int, bytes_sent: int
) -> None:
    seen = await js(
        PAIR
        + """
        const others = await pair();
        const socket = await raw(url);
        await joined(socket, "%LOR", "quiet");
        const about = { crdt: "%LOR", roomId: "quiet", batchId: batch(1) };
        socket.send(protocol.encode({
          ...about, type: 4, fragmentCount: 2, totalSizeBytes: 300000,
        }));
        const fragment = new Uint8Array(size);
        socket.send(protocol.encode({ ...about, type: 5, index, fragment }));
        await until(() => acks(socket).length);
        return [acks(socket), socket.readyState, await undisturbed(others)];
        """,
        url=relay.url,
        index=index,
        size=bytes_sent,
    )
    assert seen == [[int(AckStatus.INVALID_UPDATE)], 1, True]


@pytest.mark.parametrize(
    "frame",
    [b"", b"rubbish", b"%LOR", b"%XYZ\x01r\x07", b"%LOR\x01\xff\x07", b"%LOR\x01r\x99", b"ping"],
    ids=["nothing", "rubbish", "cut off", "a magic", "a room", "a type", "a binary ping"],
)
async def test_a_frame_that_is_none_closes_its_connection_with_1002(
    js: Node, relay: Relay, frame: bytes
) -> None:
    seen = await js(
        PAIR
        + """
        const others = await pair();
        const socket = await raw(url);
        socket.send(unhex(frame));
        return [(await socket.closed).code, await undisturbed(others)];
        """,
        url=relay.url,
        frame=frame.hex(),
    )
    assert seen == [1002, True]


async def test_a_message_longer_than_a_frame_may_be_closes_its_connection(
    js: Node, relay: Relay
) -> None:
    seen = await js(
        PAIR
        + """
        const others = await pair();
        const socket = await raw(url);
        socket.send(new Uint8Array(300000));
        const { code } = await socket.closed;
        return [code, await undisturbed(others)];
        """,
        url=relay.url,
    )
    assert seen[0] in (1002, 1006, 1009)
    assert seen[1]


async def test_a_header_that_claims_what_others_wrote_takes_nothing_from_them(
    js: Node, relay: Relay
) -> None:
    texts = await js(
        """
        const a = await elo(await connect(url), "diary");
        for (const words of ["one ", "two ", "three "]) type(a, words);
        await until(() => a.client.heard.filter((m) => m.type === 8).length >= 4);
        const peer = utf8(String(a.getDoc().peerId));
        // It says that it holds all that a wrote and more; it holds nothing anyone can open.
        const claim = async (span) => (await protocol.encryptDeltaSpan(
          utf8("nothing at all"), { peerId: peer, keyId: "k1", ...span }, KEY,
        )).record;
        const whole = (await protocol.encryptSnapshot(
          utf8("nothing at all"), { vv: [{ peerId: peer, counter: 14 }], keyId: "k1" }, KEY,
        )).record;
        const liar = await elo(await connect(url), "diary");
        for (const record of [await claim({ start: 0, end: 14 }), whole]) {
          liar.client.sendExternalUpdates("%ELO", "diary", [protocol.encodeEloContainer([record])]);
        }
        await until(() => liar.client.heard.filter((m) => m.type === 8).length >= 2);
        type(a, "four ");
        const late = await elo(await connect(url), "diary");
        await until(() => text(late) === "four three two one ");
        return [liar.refused, text(late)];
        """,
        url=relay.url,
    )
    assert texts == [[], "four three two one "]


async def test_an_iv_that_was_used_before_is_refused(js: Node, relay: Relay) -> None:
    refused = await js(
        """
        const zeros = { ivFactory: () => new Uint8Array(12) };
        const a = await elo(await connect(url), "diary", "", zeros);
        await until(() => a.client.heard.some((m) => m.type === 8));
        type(a, "one");
        await until(() => a.refused.length);
        return a.refused;
        """,
        url=relay.url,
    )
    assert refused == [int(AckStatus.INVALID_UPDATE)]


async def test_a_flood_in_one_room_leaves_others_in_peace(js: Node, relay: Relay) -> None:
    seen = await js(
        PAIR
        + """
        const others = await pair();
        const flooder = await loro(await connect(url), "loud");
        const socket = await raw(url);
        await joined(socket, "%EPH", "loud");
        for (let n = 0; n < 3000; n++) {
          type(flooder, "x");
          socket.send(protocol.encode({
            type: 3, crdt: "%EPH", roomId: "loud", updates: [utf8("spam " + n)], batchId: batch(n),
          }));
        }
        const fine = [await undisturbed(others), await undisturbed(others)];
        const answered = () => flooder.client.heard.filter((m) => m.type === 8).length;
        await until(() => answered() === 3000 && acks(socket).length === 3000);
        return [fine, flooder.refused];
        """,
        url=relay.url,
    )
    assert seen == [[True, True], []]


async def test_a_connection_that_is_half_closed_is_ended_and_what_it_sent_is_kept(
    js: Node, relay: Relay
) -> None:
    words = await js(
        PAIR
        + """
        const others = await pair();
        const a = await loro(await connect(url, { reconnect: { enabled: false } }), "notes");
        type(a, "last words");
        a.client.socket._socket.end();
        await until(() => a.client.getStatus() === "disconnected");
        const late = await loro(await connect(url), "notes");
        await until(() => text(late) === "last words");
        return [text(late), await undisturbed(others)];
        """,
        url=relay.url,
    )
    assert words == ["last words", True]


async def test_a_client_that_stops_reading_holds_nobody_up(js: Node, relay: Relay) -> None:
    seen = await js(
        PAIR
        + """
        const others = await pair();
        const deaf = await raw(url);
        await joined(deaf, "%LOR", "loud");
        deaf._socket.pause();
        const a = await loro(await connect(url), "loud");
        const b = await loro(await connect(url), "loud");
        for (let n = 0; n < 100; n++) type(a, "word ".repeat(4000));
        await until(() => text(b).length === 2000000);
        return await undisturbed(others);
        """,
        url=relay.url,
    )
    assert seen
