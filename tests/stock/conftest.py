from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock

from . import node
from .node import Node


@pytest.fixture
def config(tmp_path: Path) -> RelayConfig:
    """A relay with plain rooms, on any free port."""
    return RelayConfig("127.0.0.1", 0, tmp_path / "relay", plain_rooms=True)


@pytest.fixture
async def relay(config: RelayConfig) -> AsyncIterator[Relay]:
    """A relay that holds nothing yet."""
    async with Relay(config, clock=SystemClock(), quiet=True) as running:
        yield running


@pytest.fixture
async def js() -> AsyncIterator[Node]:
    """Stock clients, told what to do in JavaScript."""
    async with node.started() as running:
        yield running
