"""What the stock adaptors do in plain rooms of every kind."""

from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock

from .node import Node


async def test_encrypted_documents_sync_between_stock_clients(js: Node, relay: Relay) -> None:
    texts = await js(
        """
        const a = await elo(await connect(url), "diary");
        const b = await elo(await connect(url), "diary");
        type(a, "from a");
        await until(() => text(b) === "from a");
        type(b, "from b, ");
        await until(() => text(a) === "from b, from a");
        const late = await elo(await connect(url), "diary");
        await until(() => text(late) === "from b, from a");
        return [a.refused, b.refused, late.refused];
        """,
        url=relay.url,
    )
    assert texts == [[], [], []]


async def test_presence_reaches_others_and_those_who_come_late(js: Node, relay: Relay) -> None:
    seen = await js(
        """
        const presence = async () =>
          join(await connect(url), "cursors", new LoroEphemeralAdaptor(new EphemeralStore(30000)));
        const a = await presence(), b = await presence();
        a.getStore().set("ada", { line: 3 });
        await until(() => b.getStore().get("ada"));
        const late = await presence();
        await until(() => late.getStore().get("ada"));
        return [b.getStore().get("ada"), late.getStore().get("ada")];
        """,
        url=relay.url,
    )
    assert seen == [{"line": 3}] * 2


async def test_persisted_presence_outlives_everybody_and_the_relay(
    js: Node, config: RelayConfig
) -> None:
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        await js(
            """
            const client = await connect(url);
            const store = new EphemeralStore(1e9);
            const a = await join(client, "titles", new LoroPersistentStoreAdaptor(store));
            const b = await join(await connect(url), "titles",
              new LoroPersistentStoreAdaptor(new EphemeralStore(1e9)));
            store.set("chapter", "The Cellar");
            await until(() => b.getStore().get("chapter"));
            client.destroy();
            """,
            url=relay.url,
        )
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        kept = await js(
            """
            const c = await join(await connect(url), "titles",
              new LoroPersistentStoreAdaptor(new EphemeralStore(1e9)));
            await until(() => c.getStore().get("chapter"));
            return c.getStore().get("chapter");
            """,
            url=relay.url,
        )
    assert kept == "The Cellar"


async def test_flocks_merge_and_are_kept(js: Node, config: RelayConfig) -> None:
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        seen = await js(
            """
            const flock = async () =>
              join(await connect(url), "birds", new FlockAdaptor(new Flock()));
            const a = await flock(), b = await flock();
            a.getDoc().put(["wren"], 3);
            await until(() => b.getDoc().get(["wren"]) === 3);
            b.getDoc().put(["robin"], 5);
            await until(() => a.getDoc().get(["robin"]) === 5);
            return [...a.statuses, ...b.statuses];
            """,
            url=relay.url,
        )
        assert "error" not in seen
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        kept = await js(
            """
            const c = await join(await connect(url), "birds", new FlockAdaptor(new Flock()));
            await until(() => c.getDoc().get(["wren"]) && c.getDoc().get(["robin"]));
            return [c.getDoc().get(["wren"]), c.getDoc().get(["robin"])];
            """,
            url=relay.url,
        )
    assert kept == [3, 5]


YJS = """
// No adaptor for Yjs is published; this is what one has to do.
class YjsAdaptor {
  crdtType = protocol.CrdtType.Yjs;
  constructor() { this.doc = new Y.Doc(); }
  setCtx(ctx) {
    this.doc.on("update", (update, origin) => origin === this || ctx.send([update]));
    this.ctx = ctx;
  }
  async handleJoinOk(res) {
    const known = res.version.length ? res.version : undefined;
    const lacked = Y.encodeStateAsUpdate(this.doc, known);
    if (lacked.length > 2) this.ctx.send([lacked]);
  }
  waitForReachingServerVersion() { return Promise.resolve(); }
  applyUpdate(updates) { for (const update of updates) Y.applyUpdate(this.doc, update, this); }
  cmpVersion() { return 0; }
  getVersion() { return Y.encodeStateVector(this.doc); }
  destroy() {}
}
const yjs = async () => join(await connect(url), "page", new YjsAdaptor());
"""


async def test_yjs_documents_merge_and_reach_those_who_come_late(
    js: Node, config: RelayConfig
) -> None:
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        await js(
            YJS
            + """
            const a = await yjs(), b = await yjs();
            a.doc.getText("t").insert(0, "from a");
            await until(() => b.doc.getText("t").toString() === "from a");
            b.doc.getText("t").insert(0, "from b, ");
            await until(() => a.doc.getText("t").toString() === "from b, from a");
            """,
            url=relay.url,
        )
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        late = await js(
            YJS
            + """
            const c = await yjs();
            await until(() => c.doc.getText("t").toString() === "from b, from a");
            return c.room !== undefined;
            """,
            url=relay.url,
        )
    assert late


async def test_yjs_awareness_reaches_others_and_those_who_come_late(js: Node, relay: Relay) -> None:
    seen = await js(
        """
        class AwarenessAdaptor {
          crdtType = protocol.CrdtType.YjsAwareness;
          constructor() { this.awareness = new Awareness(new Y.Doc()); }
          setCtx(ctx) {
            this.awareness.on("update", ({ added, updated, removed }, origin) => {
              const changed = [...added, ...updated, ...removed];
              if (origin !== this) ctx.send([encodeAwarenessUpdate(this.awareness, changed)]);
            });
          }
          async handleJoinOk() {}
          waitForReachingServerVersion() { return Promise.resolve(); }
          applyUpdate(updates) {
            for (const update of updates) applyAwarenessUpdate(this.awareness, update, this);
          }
          cmpVersion() { return 0; }
          getVersion() { return new Uint8Array(); }
          destroy() { this.awareness.destroy(); }
        }
        const present = async () => join(await connect(url), "page", new AwarenessAdaptor());
        const has = ({ awareness }) =>
          [...awareness.getStates().values()].some((state) => state.user === "ada");
        const a = await present(), b = await present();
        a.awareness.setLocalState({ user: "ada" });
        await until(() => has(b));
        const late = await present();
        await until(() => has(late));
        return [has(b), has(late)];
        """,
        url=relay.url,
    )
    assert seen == [True, True]


async def test_several_rooms_of_several_kinds_share_one_socket(js: Node, relay: Relay) -> None:
    held = await js(
        """
        const [one, two] = [await connect(url), await connect(url)];
        const a = [await loro(one, "x"), await loro(one, "y"), await elo(one, "x")];
        const b = [await loro(two, "x"), await loro(two, "y"), await elo(two, "x")];
        a.forEach((adaptor, n) => type(adaptor, `room ${n}`));
        await until(() => b.every((adaptor) => text(adaptor) !== ""));
        return b.map(text);
        """,
        url=relay.url,
    )
    assert held == ["room 0", "room 1", "room 2"]
