"""The admin port: health, version and metrics, over HTTP.

Spec: docs/operators.md#admin.
"""

from collections.abc import Callable
from http import HTTPStatus
from importlib.metadata import version
from typing import Final

from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener

from sakya_sync.relay.metrics import Metrics
from sakya_sync.transport.websocket import Listening, serve

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Admin:
    """Answers GET requests. No identifier is in any answer."""

    def __init__(self, metrics: Metrics, unready: Callable[[], str | None]) -> None:
        """Args: unready: why the relay should not be sent anybody now, if so."""
        self._metrics = metrics
        self._unready = unready

    async def listen(self, host: str, port: int) -> Listening:
        """Raises AddressInUse, AddressInvalid, LocalFault."""
        return await serve(self._accept, host, port)

    def _accept(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        path = request.path.decode("latin-1").partition("?")[0]
        return WSUpgradeResponseWithListener(self._answer(path), None)

    def _answer(self, path: str) -> WSUpgradeResponse:
        match path:
            case "/healthz":
                return _text("ok")
            case "/readyz":
                reason = self._unready()
                return _text("ready") if reason is None else _error(503, reason)
            case "/version":
                return _text(version("sakya-sync"))
            case "/metrics":
                return _response(self._metrics.exposition(), METRICS_TYPE)
            case _:
                return _error(404, "there are /healthz, /readyz, /version and /metrics")


def _text(line: str) -> WSUpgradeResponse:
    return _response(f"{line}\n".encode(), "text/plain; charset=utf-8")


def _response(body: bytes, kind: str) -> WSUpgradeResponse:
    response = WSUpgradeResponse.create_ok_response(body, {"Content-Type": kind})
    assert isinstance(response, WSUpgradeResponse)
    return response


def _error(status: int, line: str) -> WSUpgradeResponse:
    response = WSUpgradeResponse.create_error_response(
        HTTPStatus(status), f"{line}\n".encode(), {"Content-Type": "text/plain; charset=utf-8"}
    )
    assert isinstance(response, WSUpgradeResponse)
    return response
