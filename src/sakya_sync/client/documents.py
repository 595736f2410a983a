"""For apps that keep no folder: Loro documents opened by name, sealed and synced live.

async with Documents.open("cellar", relay="ws://127.0.0.1:7450") as documents:
    wines = await documents.document("wines")
    with wines.edit() as loro:
        loro.get_list("bottles").push("Riesling 2021")
    await documents.wait_synced()
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Final

from sakya_sync.client.addresses import relay_address
from sakya_sync.client.device import (
    DEVICES,
    NAME_KEY,
    PROJECTS,
    RELAY_KEY,
    STATE_FILE,
    Device,
    open_device,
)
from sakya_sync.client.founding import found_subject, identity_of
from sakya_sync.client.home import Home
from sakya_sync.client.ports import Ports
from sakya_sync.client.recovering import enter_with_words, fetch_project
from sakya_sync.client.sealed_room import SealedRoom
from sakya_sync.client.subject_rooms import SubjectRooms
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.errors import KeyMissing, ProjectUnknown, SakyaError
from sakya_sync.files.lock import ProcessLock
from sakya_sync.ids import PublicKey, SubjectId, decode_id
from sakya_sync.replica.document import LoroDocument
from sakya_sync.seal.genesis import document_name
from sakya_sync.store.device.store import DeviceStore

SYNC_SECONDS: Final = 60.0


class SealedDocument:
    """One Loro document: text with marks, maps, movable lists, trees, whatever Loro has."""

    def __init__(self, room: SealedRoom, name: str) -> None:
        self.name = name
        self._room = room
        self._changed = asyncio.Event()

    @contextmanager
    def edit(self) -> Iterator[LoroDocument]:
        """Change the document; what was changed when the block ends is kept, sealed and sent.

        Several edits in quick succession leave as one record. Keep no reference to the document
        beyond the block.
        """
        with self._room.edit(typing=True) as document, document.edit() as loro:
            yield loro

    def value(self) -> dict[str, Any]:
        """Everything the document holds now, as plain values by root container."""
        return self._room.document.deep_value()

    async def changes(self) -> AsyncIterator[dict[str, Any]]:
        """The document's value, now and after each change that others make, until closed.

        Changes that follow one another quickly come as one.
        """
        while True:
            self._changed.clear()
            yield self.value()
            await self._changed.wait()

    def _others_wrote(self) -> None:
        self._changed.set()


class Documents:
    """The documents of one project. See `open`."""

    def __init__(self, device: Device, rooms: SubjectRooms) -> None:
        self._device = device
        self._rooms = rooms
        self._documents: dict[str, SealedDocument] = {}
        self._announced = False
        rooms.imported = self._imported

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        project: str,
        *,
        relay: str,
        home: Home | None = None,
        ports: Ports | None = None,
        words: str | None = None,
    ) -> AsyncIterator["Documents"]:
        """Open a project of documents; it is founded when the account has none of that name.

        Works offline once the project has been opened on this device.

        Args:
            relay: the relay's address.
            home: the device's directory; SAKYA_HOME or the system's place for it if left out.
            words: the recovery kit, to make a new device part of an existing account.

        Raises: RecoveryWordsWrong, AccountUnknown, RelayElsewhere, DeviceBusy and their kin.
        """
        home = Home.default() if home is None else home
        ports = Ports.real() if ports is None else ports
        url = relay_address(relay)
        subject = await _subject(project, url, home, ports, words)
        state = home.project(subject)
        async with AsyncExitStack() as stack:
            stack.enter_context(ProcessLock(state / "lock", state))
            store = DeviceStore(state / STATE_FILE, disk=home.disk)
            stack.callback(store.close)
            device = await stack.enter_async_context(
                open_device(home, identity_of(open_vault(home)), url, ports)
            )
            rooms = device.subject(subject, store)
            documents = cls(device, rooms)
            device.begin(rooms)
            announcing = asyncio.create_task(documents._announce(project))
            try:
                yield documents
            finally:
                announcing.cancel()
                await asyncio.gather(announcing, return_exceptions=True)

    async def document(self, name: str) -> SealedDocument:
        """Open a document by name; it begins empty. The relay never learns the name.

        Raises: KeyMissing, when this device was not handed the project's key yet.
        """
        found = self._documents.get(name)
        if found is not None:
            return found
        first = self._rooms.access.first_secret()
        if first is None:
            raise KeyMissing("the project's first key")
        room = self._rooms.room(document_name(first, self._rooms.subject, name))
        room.want()
        document = SealedDocument(room, name)
        self._documents[name] = document
        return document

    async def wait_synced(self, timeout_seconds: float = SYNC_SECONDS) -> None:
        """Wait until device and relay hold the same, and the account's devices can find it.

        Raises: RelayUnreachable at once when the relay cannot be reached, SyncTimeout,
        AccessRefused.
        """
        await self._device.until(lambda: self._announced and self._device.settled, timeout_seconds)

    def _imported(self, name: str) -> None:
        for document in self._documents.values():
            if document._room.name == name:
                document._others_wrote()

    async def _announce(self, project: str) -> None:
        """Tell the account of the project and the device, once its state is known."""
        while True:
            try:
                await self._device.until(lambda: self._device.account.settled, SYNC_SECONDS)
            except SakyaError:
                await self._device.ports.clock.sleep(1.0)
                continue
            for rooms in (self._device.account, self._rooms):
                rooms.access.share()
            identity = self._device.identity
            self._device.announce(PROJECTS, self._rooms.subject, project)
            self._device.announce(DEVICES, identity.signing.public, identity.name)
            self._announced = True
            self._device.tell()
            return


async def _subject(
    project: str, url: str, home: Home, ports: Ports, words: str | None
) -> SubjectId:
    """The project of that name: known here, known to the account, or new."""
    known = _known_here(project, url, home)
    if known is not None:
        return known
    if words is not None and not home.vault.exists():
        await enter_with_words(url, words, home=home, ports=ports)
    if home.vault.exists():
        try:
            return (await fetch_project(url, project, home=home, ports=ports)).subject
        except ProjectUnknown:
            pass
    return found_subject(home, url, project, ports.entropy).subject


def _known_here(project: str, url: str, home: Home) -> SubjectId | None:
    for state in home.projects():
        store = DeviceStore(state / STATE_FILE, disk=home.disk)
        try:
            same = (
                store.meta(NAME_KEY) == project.encode() and store.meta(RELAY_KEY) == url.encode()
            )
        finally:
            store.close()
        if same:
            return SubjectId(PublicKey(decode_id(state.name)))
    return None
