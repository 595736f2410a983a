from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay

from .people import WallClock


@pytest.fixture
def clock() -> WallClock:
    """The relay's clock."""
    return WallClock()


@pytest.fixture
def config(tmp_path: Path) -> RelayConfig:
    """A relay on any free port, which tickets call by a name that a restart does not change."""
    return RelayConfig("127.0.0.1", 0, tmp_path / "relay", "ws://relay.test")


@pytest.fixture
async def relay(config: RelayConfig, clock: WallClock) -> AsyncIterator[Relay]:
    """A relay that holds nothing yet."""
    async with Relay(config, clock=clock, quiet=True) as running:
        yield running
