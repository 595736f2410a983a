"""Updates too large for a frame, both ways, and late joiners of large documents."""

import pytest

from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock

from .node import Node

MEBIBYTE = 1024 * 1024
# Text that does not compress: half of the bytes that are written.
RANDOM = """
const random = (bytes) => {
  let out = "", state = 1;
  const symbols = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  while (out.length < bytes) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    out += symbols[(state >> 8) & 63];
  }
  return out;
};
const size = (adaptor) => adaptor.getDoc().getText("text").length;
"""


@pytest.mark.parametrize("kind", ["loro", "elo"])
@pytest.mark.parametrize("mebibytes", [1, 20])
async def test_a_large_update_arrives_live_and_late_and_after_a_restart(
    js: Node, config: RelayConfig, kind: str, mebibytes: int
) -> None:
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        seen = await js(
            RANDOM
            + """
            const open = { loro, elo }[kind];
            const a = await open(await connect(url), "atlas");
            const b = await open(await connect(url), "atlas");
            kept.words = random(bytes);
            type(a, kept.words);
            await until(() => size(b) === bytes);
            const late = await open(await connect(url), "atlas");
            await until(() => size(late) === bytes);
            const sent = b.client.heard.filter((m) => m.type === 4).length;
            const same = text(b) === kept.words && text(late) === kept.words;
            for (const one of [a, b, late]) one.client.destroy();
            return [same, sent, a.refused];
            """,
            url=relay.url,
            kind=kind,
            bytes=mebibytes * MEBIBYTE,
        )
    assert seen == [True, 1, []]
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        assert await js(
            RANDOM
            + """
            const late = await { loro, elo }[kind](await connect(url), "atlas");
            await until(() => size(late) === bytes);
            return text(late) === kept.words;
            """,
            url=relay.url,
            kind=kind,
            bytes=mebibytes * MEBIBYTE,
        )


async def test_a_backfill_larger_than_a_frame_reaches_a_late_joiner_whole(
    js: Node, relay: Relay
) -> None:
    texts = await js(
        RANDOM
        + """
        const a = await elo(await connect(url), "letters");
        for (let n = 0; n < 40; n++) type(a, random(20000));
        await until(() => a.client.heard.filter((m) => m.type === 8).length >= 41);
        const late = await elo(await connect(url), "letters");
        await until(() => text(late) === text(a));
        return [size(late), late.client.heard.filter((m) => m.type === 3).length > 2];
        """,
        url=relay.url,
    )
    assert texts == [800_000, True]
