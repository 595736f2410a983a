"""The stock LoroAdaptor in plain `%LOR` rooms."""

from sakya_sync.relay.server import Relay

from .node import Node


async def test_two_stock_clients_see_what_the_other_types(js: Node, relay: Relay) -> None:
    texts = await js(
        """
        const a = await loro(await connect(url), "notes");
        const b = await loro(await connect(url), "notes");
        type(a, "from a");
        await until(() => text(b) === "from a");
        type(b, "from b, ");
        await until(() => text(a) === "from b, from a");
        return [text(a), text(b)];
        """,
        url=relay.url,
    )
    assert texts == ["from b, from a"] * 2
