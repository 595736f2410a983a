"""WebSocket by picows, both ends."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from picows import (
    WSCloseCode,
    WSError,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponseWithListener,
    ws_connect,
    ws_create_server,
)

from sakya_sync.errors import AddressInUse, AddressInvalid, LocalFault, RelayUnreachable
from sakya_sync.limits import FRAME_BYTES_MAX
from sakya_sync.transport.inbox import Inbox
from sakya_sync.wire.keepalive import PING

CONNECT_SECONDS: Final = 10.0
HANDSHAKE_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 5.0
INBOX_BYTES_MAX: Final = 4 * 1024 * 1024
READ_BUFFER_BYTES: Final = 4_096
CLOSE_REASON_BYTES_MAX: Final = 123


class WebSocketTransport(WSListener):
    """One connection; `ports.Transport`."""

    def __init__(
        self,
        opened: Callable[["WebSocketTransport"], None] | None = None,
        forwarded: Sequence[str] = (),
    ) -> None:
        """Args: forwarded: the X-Forwarded-For headers that the connection was asked for with."""
        super().__init__()
        self.forwarded = tuple(forwarded)
        self._inbox = Inbox()
        self._opened = opened
        self._ws: WSTransport | None = None
        self._paused_reading = False
        self._writable = asyncio.Event()
        self._writable.set()
        self._gone = asyncio.Event()
        self._parts: list[bytes] = []
        self._binary = True
        self._stirred = False

    # What picows calls.

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._ws = transport
        if self._opened is not None:
            self._opened(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        match frame.msg_type:
            case WSMsgType.BINARY | WSMsgType.TEXT | WSMsgType.CONTINUATION:
                self._parts.append(frame.get_payload_as_bytes())
                if sum(map(len, self._parts)) > FRAME_BYTES_MAX:
                    self._hang_up(1009, "too long")
                    return
                if frame.msg_type is not WSMsgType.CONTINUATION:
                    self._binary = frame.msg_type is WSMsgType.BINARY
                if frame.fin:
                    self._deliver(transport)
            case WSMsgType.CLOSE:
                # picows' types leave out that a close may come without a code.
                code: Any = frame.get_close_code()
                message: Any = frame.get_close_message()
                text = bytes(message).decode("utf-8", "replace") if message else ""
                self._inbox.close(int(code or 1005), text)
                transport.send_close(code or WSCloseCode.OK)
                self._disconnect(transport)
            case WSMsgType.PING:
                # Answered here, because picows keeps those that it answers to itself.
                transport.send_pong(frame.get_payload_as_bytes())
                self._stirred = True
            case _:
                self._stirred = True

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002
        self._inbox.close(1006, "connection lost")
        self._writable.set()
        self._gone.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # What the programs call.

    @property
    def buffered_bytes(self) -> int:
        """What was sent and has not left this computer."""
        if self._ws is None or self._inbox.closed:
            return 0
        size: int = self._ws.underlying_transport.get_write_buffer_size()
        return size

    def stirred(self) -> bool:
        """Whether a ping or pong of WebSocket's own has come since this was last asked."""
        stirred, self._stirred = self._stirred, False
        return stirred

    @property
    def peer(self) -> str:
        """The other end's address; empty when it is gone."""
        assert self._ws is not None
        peer = self._ws.underlying_transport.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    async def receive(self) -> bytes | str:
        """The next frame. Raises TransportClosed."""
        frame = await self._inbox.get()
        if self._paused_reading and self._inbox.size_bytes < INBOX_BYTES_MAX // 2:
            self._paused_reading = False
            assert self._ws is not None
            self._ws.underlying_transport.resume_reading()
        return frame

    def send(self, frames: Sequence[bytes | str]) -> None:
        """Queue frames in order; what a server sends at once leaves in one write."""
        if self._ws is None or self._inbox.closed:
            return
        if self._ws.is_client_side or len(frames) == 1:
            for frame in frames:
                if isinstance(frame, str):
                    self._ws.send(WSMsgType.TEXT, frame.encode())
                else:
                    self._ws.send(WSMsgType.BINARY, frame)
        else:
            self._ws.underlying_transport.write(b"".join(_framed(frames)))
        if PING in frames:
            # Any WebSocket client answers this one, whatever it makes of the text.
            self._ws.send_ping()

    async def drained(self) -> None:
        """Wait until the other end keeps up."""
        await self._writable.wait()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close; what was queued before is still sent."""
        self._hang_up(code, reason)

    async def ended(self) -> None:
        """Wait until the connection is over, and what was queued has left or never will."""
        await self._gone.wait()

    def _hang_up(self, code: int, reason: str) -> None:
        if self._ws is None or self._inbox.closed:
            return
        self._inbox.close(code, reason)
        self._writable.set()
        self._ws.send_close(cast(WSCloseCode, code), reason.encode()[:CLOSE_REASON_BYTES_MAX])
        self._disconnect(self._ws)

    def _disconnect(self, transport: WSTransport) -> None:
        """What is queued is still sent, but nobody keeps it here by not reading it."""
        transport.disconnect()
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, transport.disconnect, False)

    def _deliver(self, transport: WSTransport) -> None:
        whole = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        if self._inbox.closed:
            return
        if self._binary:
            self._inbox.put(whole)
        else:
            self._inbox.put(whole.decode("utf-8", "replace"))
        if not self._paused_reading and self._inbox.size_bytes > INBOX_BYTES_MAX:
            self._paused_reading = True
            transport.underlying_transport.pause_reading()


class WebSocketConnector:
    """`ports.Connector` for ws:// and wss:// addresses."""

    async def connect(self, url: str) -> WebSocketTransport:
        """Open a connection. Raises RelayUnreachable with the reason in plain words."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, listener = await ws_connect(
                    WebSocketTransport,
                    url,
                    max_frame_size=FRAME_BYTES_MAX,
                    max_redirects=0,
                    websocket_handshake_timeout=CONNECT_SECONDS,
                    enable_auto_pong=False,
                )
        except TimeoutError:
            raise RelayUnreachable(f"no answer within {CONNECT_SECONDS:g} s", address=url) from None
        except ssl.SSLError as error:
            raise RelayUnreachable(
                f"its certificate is not trusted ({error.reason})", address=url
            ) from error
        except socket.gaierror as error:
            raise RelayUnreachable("its name is not known", address=url) from error
        except ConnectionRefusedError as error:
            raise RelayUnreachable("nothing listens there", address=url) from error
        except (OSError, WSError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise RelayUnreachable(reason[:200], address=url) from error
        assert isinstance(listener, WebSocketTransport)
        return listener


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that accepts connections until closed."""

    server: asyncio.Server
    host: str
    port: int

    async def close(self) -> None:
        """Accept no more; connections that are there stay."""
        self.server.close()
        await asyncio.sleep(0)


async def listen(
    host: str,
    port: int,
    opened: Callable[[WebSocketTransport], None],
    *,
    tls: ssl.SSLContext | None = None,
) -> Listening:
    """Accept connections.

    Args:
        port: 0 for any that is free.
        opened: called for each connection, on the event loop.

    Raises: AddressInUse, AddressInvalid, LocalFault.
    """

    def accept(request: WSUpgradeRequest) -> WebSocketTransport:
        return WebSocketTransport(opened, request.headers.getall("X-Forwarded-For", ()))

    return await serve(accept, host, port, tls=tls)


async def serve(
    accept: Callable[[WSUpgradeRequest], WSListener | WSUpgradeResponseWithListener],
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
) -> Listening:
    """Answer requests. Raises AddressInUse, AddressInvalid, LocalFault."""
    secured: dict[str, Any] = (
        {} if tls is None else {"ssl": tls, "ssl_handshake_timeout": HANDSHAKE_SECONDS}
    )
    try:
        server = await ws_create_server(
            accept,
            host,
            port,
            websocket_handshake_timeout=HANDSHAKE_SECONDS,
            max_frame_size=FRAME_BYTES_MAX,
            read_buffer_init_size=READ_BUFFER_BYTES,
            enable_auto_ping=False,
            enable_auto_pong=False,
            **secured,
        )
    except socket.gaierror as error:
        raise AddressInvalid(address=f"{host}:{port}") from error
    except OSError as error:
        if error.errno in (98, 48, 10048):
            raise AddressInUse(address=f"{host}:{port}") from error
        raise LocalFault(f"{host}:{port}: {error.strerror}") from error
    bound = server.sockets[0].getsockname()
    return Listening(server, host, bound[1])


def _framed(frames: Sequence[bytes | str]) -> list[bytes]:
    """RFC 6455 section 5.2, unmasked, as servers send."""
    parts: list[bytes] = []
    for frame in frames:
        kind, body = (0x81, frame.encode()) if isinstance(frame, str) else (0x82, frame)
        size = len(body)
        if size < 126:
            parts.append(bytes((kind, size)))
        elif size < 65_536:
            parts.append(bytes((kind, 126)) + size.to_bytes(2, "big"))
        else:
            parts.append(bytes((kind, 127)) + size.to_bytes(8, "big"))
        parts.append(body)
    return parts
