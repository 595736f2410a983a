"""Writers at their devices: a folder and a home each, and what goes over their connections."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sakya_sync.client.founding import found_project
from sakya_sync.client.home import Home
from sakya_sync.client.ports import Ports
from sakya_sync.client.project import Project, SyncReport
from sakya_sync.client.recovering import join_by_recovery
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.files.folder import Folder
from sakya_sync.ports import Connector, Transport
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.seal.recovery import words
from sakya_sync.system import SystemClock


@dataclass(slots=True)
class Writer:
    """One device with one project's folder."""

    folder: Path
    home: Home
    ports: Ports = field(default_factory=Ports.real)

    def found(self, url: str, name: str | None = None) -> None:
        """Make the folder a project."""
        self.folder.mkdir(parents=True, exist_ok=True)
        found_project(self.folder, url, name, home=self.home)

    async def join(self, url: str, typed: str, project: str | None = None) -> None:
        """Come to the project with words."""
        await join_by_recovery(self.folder, url, typed, project, home=self.home, ports=self.ports)

    def kit(self) -> str:
        """The words of the recovery kit that the account's first device drew."""
        entropy = open_vault(self.home).recovery
        assert entropy is not None
        return words(entropy)

    def secrets(self) -> list[bytes]:
        """The private keys of this device, and the kit where it has it."""
        held = open_vault(self.home)
        keys = [held.device_key.seed, held.sealing_secret.secret]
        return keys if held.recovery is None else [*keys, held.recovery]

    async def sync(self) -> SyncReport:
        """Sync once, as `sakya sync` does."""
        async with Project.open(
            self.folder, home=self.home, ports=self.ports, watch=False
        ) as project:
            return await project.sync()

    def write(self, path: str, content: str | bytes) -> None:
        """Save a file, as an editor does."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, path: str) -> str:
        """A text file's content."""
        return (self.folder / path).read_bytes().decode()

    def contents(self) -> dict[str, bytes]:
        """Every file, by path."""
        paths = sorted(Folder(self.folder, self.folder).scan().files)
        return {path: (self.folder / path).read_bytes() for path in paths}


async def meet(*writers: Writer) -> None:
    """Sync each in turn, until what the last one sent is with the first."""
    for _ in range(2):
        for writer in writers:
            await writer.sync()


@asynccontextmanager
async def relay_at(data: Path, port: int = 0, *, quiet: bool = True) -> AsyncIterator[Relay]:
    """A real relay on this computer, while the block runs."""
    config = RelayConfig("127.0.0.1", port, data)
    async with Relay(config, clock=SystemClock(), quiet=quiet) as relay:
        yield relay


def port_of(relay: Relay) -> int:
    """Where a relay listens."""
    return int(relay.url.rpartition(":")[2])


def disk(directory: Path) -> bytes:
    """Every byte of every file below, and the files' names."""
    paths = sorted(directory.rglob("*"))
    names = "\n".join(str(path.relative_to(directory)) for path in paths).encode()
    return b"\n".join([names, *(path.read_bytes() for path in paths if path.is_file())])


class TappedConnector:
    """Real connections whose frames are written down, both ways."""

    def __init__(self, connector: Connector) -> None:
        self.frames: list[bytes] = []
        self._connector = connector

    async def connect(self, url: str) -> Transport:
        """Open a connection. Raises RelayUnreachable."""
        return _Tapped(await self._connector.connect(url), self.frames)


class _Tapped:
    def __init__(self, transport: Transport, frames: list[bytes]) -> None:
        self._transport = transport
        self._frames = frames

    async def receive(self) -> bytes | str:
        frame = await self._transport.receive()
        self._note(frame)
        return frame

    def send(self, frames: Sequence[bytes | str]) -> None:
        for frame in frames:
            self._note(frame)
        self._transport.send(frames)

    async def drained(self) -> None:
        await self._transport.drained()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._transport.close(code, reason)

    def _note(self, frame: bytes | str) -> None:
        self._frames.append(frame if isinstance(frame, bytes) else frame.encode())
