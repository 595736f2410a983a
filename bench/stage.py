"""A relay and two devices on this computer, in one directory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sakya_sync.client.founding import found_project
from sakya_sync.client.home import Home
from sakya_sync.client.project import Project
from sakya_sync.client.recovering import join_by_recovery
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.ports import Clock
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.seal.recovery import words
from sakya_sync.system import SystemClock


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is."""

    url: str
    root: Path

    def folder(self, name: str) -> Path:
        """A device's copy of the project."""
        return self.root / name / "project"

    def home(self, name: str) -> Home:
        """A device."""
        return Home(self.root / f"{name}-home")

    async def found(self, name: str) -> None:
        """Make the folder that is there a project."""
        found_project(self.folder(name), self.url, None, home=self.home(name))

    async def join(self, name: str, other: str) -> None:
        """Make a second device of the account."""
        kit = open_vault(self.home(other)).recovery
        assert kit is not None
        await join_by_recovery(self.folder(name), self.url, words(kit), None, home=self.home(name))

    async def sync(self, name: str) -> None:
        """Once."""
        async with Project.open(self.folder(name), home=self.home(name), watch=False) as project:
            await project.sync(timeout_seconds=120)


@asynccontextmanager
async def stage(root: Path, clock: Clock | None = None) -> AsyncIterator[Stage]:
    """While the block runs, a relay listens.

    Args: clock: the relay's; the computer's, if left out.
    """
    config = RelayConfig("127.0.0.1", 0, root / "relay")
    async with Relay(config, clock=clock or SystemClock(), quiet=True) as relay:
        yield Stage(relay.url, root)
