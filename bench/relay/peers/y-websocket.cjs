// y-websocket's own server, without persistence.
process.env.HOST = "127.0.0.1";
process.env.PORT = process.argv[2];
require("./node_modules/y-websocket/bin/server.cjs");
