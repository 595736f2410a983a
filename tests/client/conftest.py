from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sakya_sync.client.home import Home
from sakya_sync.relay.server import Relay

from .writers import Writer, relay_at


@pytest.fixture(autouse=True)
def _no_lock_of_the_tester(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vaults get a key file: no passphrase, and nothing in the keyring of whoever runs this."""
    monkeypatch.delenv("SAKYA_PASSPHRASE", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relay]:
    """A relay that holds nothing yet."""
    async with relay_at(tmp_path / "relay") as running:
        yield running


@pytest.fixture
def laptop(tmp_path: Path) -> Writer:
    """A device with an empty home and no folder."""
    return Writer(tmp_path / "laptop" / "salt", Home(tmp_path / "laptop-home"))


@pytest.fixture
def tablet(tmp_path: Path) -> Writer:
    """Another."""
    return Writer(tmp_path / "tablet" / "salt", Home(tmp_path / "tablet-home"))


@pytest.fixture
async def pair(relay: Relay, laptop: Writer, tablet: Writer) -> tuple[Writer, Writer]:
    """Two devices of one account that hold the same project with one chapter in it."""
    laptop.write("chapter.md", "The salt has to be weighed before noon.\n")
    laptop.found(relay.url)
    await laptop.sync()
    await tablet.join(relay.url, laptop.kit())
    await tablet.sync()
    return laptop, tablet
