// Stock clients of the Loro Protocol, told what to do line by line: {"id", "code"} comes in, and
// {"id", "value"} or {"id", "error"} goes out. The code is the body of an async function.

import { createInterface } from "node:readline";
import { EphemeralStore, LoroDoc, VersionVector } from "loro-crdt";
import { EloAdaptor, LoroAdaptor, LoroEphemeralAdaptor, LoroPersistentStoreAdaptor }
  from "loro-adaptors/loro";
import { FlockAdaptor } from "loro-adaptors/flock";
import { Flock } from "@loro-dev/flock";
import * as protocol from "loro-protocol";
import { LoroWebsocketClient } from "loro-websocket";
import { WebSocket } from "ws";
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";

globalThis.WebSocket = WebSocket;
// A stock client that is closed while it reconnects rejects a promise that nobody holds, and lets
// go of a socket that then fails.
for (const loss of ["unhandledRejection", "uncaughtException"]) {
  process.on(loss, (error) => console.error(loss, error));
}
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
// What a stock client complains of goes where a failed test shows it.
for (const name of ["log", "warn", "error"]) {
  console[name] = (...args) => process.stderr.write(args.map(String).join(" ") + "\n");
}

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const unhex = (text) => new Uint8Array(Buffer.from(text, "hex"));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(holds, what = holds.toString()) {
  for (const end = Date.now() + 20000; ; await sleep(5)) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > end) throw new Error(`never came about: ${what}`);
  }
}

// A client, and what it has seen of its connection.
async function connect(url, options = {}) {
  const client = new LoroWebsocketClient({ url, reconnect: { initialDelayMs: 20 }, ...options });
  client.statuses = [];
  client.onStatusChange((status) => client.statuses.push(status));
  const handle = client.handleMessage.bind(client);
  client.heard = [];
  client.handleMessage = (message) => {
    client.heard.push(message);
    return handle(message);
  };
  await client.connect();
  return client;
}

// Join a room; the adaptor notes what the relay refuses.
async function join(client, roomId, adaptor, token = "") {
  adaptor.client = client;
  adaptor.refused = [];
  adaptor.statuses = [];
  adaptor.onUpdateError = (updates, code) => adaptor.refused.push(code);
  adaptor.room = await client.join({
    roomId,
    crdtAdaptor: adaptor,
    auth: typeof token === "string" ? utf8(token) : token,
    onStatusChange: (status) => adaptor.statuses.push(status),
  });
  return adaptor;
}

const loro = (client, room, token, doc = new LoroDoc()) =>
  join(client, room, new LoroAdaptor(doc), token);

const KEY = new Uint8Array(32).fill(7);
const elo = (client, room, token, config = {}, doc = new LoroDoc()) =>
  join(
    client,
    room,
    new EloAdaptor(doc, { getPrivateKey: async () => ({ keyId: "k1", key: KEY }), ...config }),
    token,
  );

const text = (adaptor) => adaptor.getDoc().getText("text").toString();
function type(adaptor, words, at = 0) {
  adaptor.getDoc().getText("text").insert(at, words);
  adaptor.getDoc().commit();
}

// A bare socket that speaks frames.
async function raw(url) {
  const socket = new WebSocket(url);
  socket.heard = [];
  socket.texts = [];
  socket.on("message", (data, binary) => {
    if (binary) socket.heard.push(protocol.tryDecode(new Uint8Array(data)));
    else socket.texts.push(data.toString());
  });
  socket.closed = new Promise((resolve) =>
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  socket.on("error", () => {});
  await new Promise((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  return socket;
}

const kept = {};
const names = {
  kept, utf8, hex, unhex, sleep, until, connect, join, loro, elo, text, type, raw, KEY,
  protocol, EphemeralStore, LoroDoc, VersionVector, EloAdaptor, LoroAdaptor,
  LoroEphemeralAdaptor, LoroPersistentStoreAdaptor, LoroWebsocketClient, FlockAdaptor, Flock,
  WebSocket, Y, Awareness, applyAwarenessUpdate, encodeAwarenessUpdate,
};
const AsyncFunction = (async () => {}).constructor;

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, code, given } = JSON.parse(line);
  (async () => {
    try {
      const run = new AsyncFunction(...Object.keys(names), ...Object.keys(given), code);
      const value = await run(...Object.values(names), ...Object.values(given));
      say({ id, value: value === undefined ? null : value });
    } catch (error) {
      say({ id, error: String(error && error.stack ? error.stack : error) });
    }
  })();
}
process.exit(0);
