// @hocuspocus/server with its database extension on Node's own SQLite: what extension-sqlite does,
// without the native module that it brings along.
import { DatabaseSync } from "node:sqlite";
import { Database } from "@hocuspocus/extension-database";
import { Server } from "@hocuspocus/server";

const database = new DatabaseSync(process.argv[3]);
database.exec(
  "CREATE TABLE documents (name TEXT NOT NULL, data BLOB NOT NULL, UNIQUE(name))",
);
const select = database.prepare("SELECT data FROM documents WHERE name = ?");
const upsert = database.prepare(
  "INSERT INTO documents (name, data) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET data = excluded.data",
);

await new Server({
  address: "127.0.0.1",
  port: Number(process.argv[2]),
  quiet: true,
  extensions: [
    new Database({
      fetch: async ({ documentName }) => select.get(documentName)?.data ?? null,
      store: async ({ documentName, state }) => void upsert.run(documentName, state),
    }),
  ],
}).listen();
