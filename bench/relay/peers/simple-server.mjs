// npm loro-websocket's SimpleServer, as it comes.
import { SimpleServer } from "loro-websocket/server";

await new SimpleServer({ host: "127.0.0.1", port: Number(process.argv[2]) }).start();
