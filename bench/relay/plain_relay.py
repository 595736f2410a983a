"""The peer to compare with first: a plain relay of the Loro Protocol on Python's `websockets`.

It stores nothing, checks nothing and acks at once; it is written as one writes such a thing, with
the library's own broadcast. Run as `python -m bench.relay.plain_relay PORT`.
"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

_JOIN, _JOINED, _UPDATE, _ACK = 0, 1, 3, 8


async def main(port: int) -> None:
    """Serve until the process ends."""
    rooms: dict[bytes, set[ServerConnection]] = {}

    async def handle(connection: ServerConnection) -> None:
        joined: set[bytes] = set()
        try:
            async for frame in connection:
                if isinstance(frame, str):
                    await connection.send("pong")
                    continue
                size = 5 + frame[4]
                room, kind = frame[:size], frame[size]
                if kind == _JOIN:
                    joined.add(room)
                    rooms.setdefault(room, set()).add(connection)
                    await connection.send(room + bytes((_JOINED,)) + b"\x05write\x01\x00\x00")
                elif kind == _UPDATE:
                    await connection.send(room + bytes((_ACK,)) + frame[-8:] + b"\x00")
                    broadcast(rooms[room] - {connection}, frame)
        except ConnectionClosed:
            pass
        finally:
            for room in joined:
                rooms[room].discard(connection)

    async with serve(
        handle, "127.0.0.1", port, compression=None, ping_interval=None, max_size=262_144
    ) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
