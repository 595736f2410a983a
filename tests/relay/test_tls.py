"""A relay ends TLS by itself, and takes a new certificate without a restart."""

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from sakya_sync.errors import SettingInvalid
from sakya_sync.relay.config import RelayConfig, TlsFiles
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from sakya_sync.transport.websocket import WebSocketConnector

from .certificates import write_certificate
from .people import LAPTOP, Pen, RawClient


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TlsFiles:
    """A certificate that clients in this process trust."""
    made = TlsFiles(tmp_path / "relay.pem", tmp_path / "relay.key")
    write_certificate(made.certificate, made.key)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    return made


def shown(port: int) -> int:
    """The serial number of the certificate that a new connection is shown."""
    pem = ssl.get_server_certificate(("127.0.0.1", port), timeout=10)
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


async def connected(relay: Relay) -> RawClient:
    return RawClient(await WebSocketConnector().connect(relay.url), relay.url, LAPTOP)


async def test_a_new_certificate_is_used_from_then_on_and_no_connection_falls(
    config: RelayConfig, files: TlsFiles
) -> None:
    config = replace(config, public_url=None, tls=files)
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        assert relay.url.startswith("wss://")
        laptop = await connected(relay)
        await laptop.introduce()
        await laptop.enter()
        pen = Pen(LAPTOP)
        assert await laptop.put(pen.write()) == 0
        port = int(relay.url.rpartition(":")[2])
        renewed = write_certificate(files.certificate, files.key)
        assert await asyncio.to_thread(shown, port) != renewed
        relay.reload()
        assert await asyncio.to_thread(shown, port) == renewed
        assert await laptop.put(pen.write()) == 0
        again = await connected(relay)
        await again.introduce(())


async def test_a_new_certificate_that_is_of_no_use_changes_nothing(
    config: RelayConfig, files: TlsFiles, capfd: pytest.CaptureFixture[str]
) -> None:
    config = replace(config, public_url=None, tls=files)
    async with Relay(config, clock=SystemClock()) as relay:
        port = int(relay.url.rpartition(":")[2])
        before = await asyncio.to_thread(shown, port)
        for spoil in (lambda: files.key.write_text("no key"), files.key.unlink):
            spoil()
            relay.reload()
            assert await asyncio.to_thread(shown, port) == before
        assert capfd.readouterr().err.count("certificate not reloaded") == 2


async def test_a_relay_does_not_start_with_a_certificate_of_no_use(
    config: RelayConfig, files: TlsFiles
) -> None:
    files.key.write_text("no key")
    with pytest.raises(SettingInvalid):
        async with Relay(replace(config, tls=files), clock=SystemClock(), quiet=True):
            pass
