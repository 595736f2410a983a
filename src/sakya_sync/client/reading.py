"""A project's history, read beside whoever keeps it in sync: no lock, no connection, no writing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sakya_sync.client.device import RELAY_KEY, STATE_FILE, SUBJECT_KEY, Device
from sakya_sync.client.founding import identity_of
from sakya_sync.client.history import History
from sakya_sync.client.home import Home, project_of
from sakya_sync.client.ports import Ports
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.errors import FolderNotAProject
from sakya_sync.files.folder import Folder
from sakya_sync.ids import PublicKey, SubjectId
from sakya_sync.store.device.store import DeviceStore
from sakya_sync.system import local_zone


@contextmanager
def open_history(
    folder: str | Path, *, home: Home | None = None, ports: Ports | None = None
) -> Iterator[History]:
    """What this device has kept of the project that a folder, or one above it, is.

    What was written in the folder and not taken in yet is not part of it.

    Raises: FolderNotAProject, VaultLocked, DatabaseCorrupt and their kin.
    """
    home = Home.default() if home is None else home
    ports = Ports.real() if ports is None else ports
    located = project_of(Path(folder), home)
    with ExitStack() as stack:
        identity = identity_of(open_vault(home))
        store = DeviceStore(located.state / STATE_FILE)
        stack.callback(store.close)
        account = DeviceStore(home.account / STATE_FILE)
        stack.callback(account.close)
        subject = store.meta(SUBJECT_KEY)
        relay = store.meta(RELAY_KEY)
        if subject is None or relay is None:
            raise FolderNotAProject(folder=folder)
        device = Device(identity, account, relay.decode(), ports)
        rooms = device.subject(SubjectId(PublicKey(subject)), store)
        yield History(rooms, device.account, Folder(located.folder, located.folder), local_zone())
