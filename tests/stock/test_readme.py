"""What the README shows developers in JavaScript runs as it stands there."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.wire.messages import Permission

from . import node
from .node import Node

README = Path(__file__).parents[2] / "README.md"


async def test_what_the_readme_shows_syncs(js: Node, config: RelayConfig) -> None:
    (shown,) = re.findall(r"```js\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    guarded = replace(config, plain_tokens={"ada": Permission.WRITE})
    async with Relay(guarded, clock=SystemClock(), quiet=True) as relay:
        address = re.search(r'ws://[^"]*', shown)
        assert address is not None
        program = 'globalThis.WebSocket = (await import("ws")).WebSocket;\n' + shown.replace(
            address[0], relay.url
        )
        process = await asyncio.create_subprocess_exec(
            node.node(), "--input-type=module", "--eval", program, cwd=node.HERE
        )
        try:
            words = await js(
                """
                const a = await loro(await connect(url), "notes", "ada");
                return await until(() => text(a));
                """,
                url=relay.url,
            )
        finally:
            process.kill()
            await process.wait()
    assert words == "They reach Corrow by night."
