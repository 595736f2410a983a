"""Back into an account with its recovery kit, and more of its projects on a device.

For a moment the words' own key speaks to the relay: it reads the account's state, signs the new
device in, and seals the keys of every project to it. Then the words are forgotten.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sakya_sync.access.founding import enrol_device
from sakya_sync.access.power import Power
from sakya_sync.client.addresses import relay_address
from sakya_sync.client.device import (
    FOLDER_KEY,
    JOINED_KEY,
    NAME_KEY,
    RELAY_KEY,
    STATE_FILE,
    SUBJECT_KEY,
    Device,
    open_device,
)
from sakya_sync.client.founding import (
    Founded,
    check_relay,
    device_name,
    identity_of,
    refuse_project,
    write_state,
)
from sakya_sync.client.home import Home, write_pointer
from sakya_sync.client.identity import Identity
from sakya_sync.client.ports import Ports
from sakya_sync.client.vaultfile import open_vault, write_vault
from sakya_sync.errors import (
    AccessRefused,
    AccountPresent,
    AccountUnknown,
    ClockSkewed,
    FolderMissing,
    ProjectAmbiguous,
    ProjectUnknown,
)
from sakya_sync.files.faults import translated
from sakya_sync.ids import PublicKey, SubjectId, decode_id, encode_id
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.keys import SealingSecret, SigningKey
from sakya_sync.seal.recovery import account_key, account_sealing, entropy
from sakya_sync.store.device.batch import Batch
from sakya_sync.store.device.store import DeviceStore, is_begun

WAIT_SECONDS: Final = 30.0


async def join_by_recovery(
    folder: Path,
    typed_url: str,
    words: str,
    project: str | None,
    *,
    home: Home,
    ports: Ports | None = None,
) -> Founded:
    """Make this a device of the account that the words are of, and `folder` its project.

    The folder is made if it is not there; files that are in it already stay, and merge or are kept
    beside. Nothing is downloaded yet.

    Raises: RecoveryWordsWrong, AccountPresent, AccountUnknown, ProjectUnknown, ProjectAmbiguous,
    RelayUnreachable, ClockSkewed, and what the disk raises.
    """
    ports = Ports.real() if ports is None else ports
    refuse_project(folder, home)
    await enter_with_words(relay_address(typed_url), words, project, home=home, ports=ports)
    return await join_known(folder, typed_url, project, home=home, ports=ports)


async def join_known(
    folder: Path,
    typed_url: str,
    project: str | None,
    *,
    home: Home,
    ports: Ports | None = None,
) -> Founded:
    """Bring one more project of its account to a device that belongs to it already.

    Raises as `join_by_recovery` does, AccountMissing too.
    """
    ports = Ports.real() if ports is None else ports
    refuse_project(folder, home)
    chosen = await fetch_project(relay_address(typed_url), project, home=home, ports=ports)
    _settle_in(folder, home, chosen)
    return chosen


async def enter_with_words(
    url: str, words: str, project: str | None = None, *, home: Home, ports: Ports
) -> None:
    """Make this a device of the account that the words are of, with the keys of its projects.

    Args: project: must be one of the account's, where given.
    Raises: as `join_by_recovery`. Where the words are to blame, the device is as before.
    """
    kit = entropy(words)
    key = account_key(kit)
    owner = Identity(key, account_sealing(kit), SubjectId(key.public))
    contents = _contents(home, owner, ports)
    known_here = home.vault.exists()
    if known_here:
        check_relay(home, url)
    else:
        home.make()
        write_state(home, home.account, {SUBJECT_KEY: owner.account, RELAY_KEY: url.encode()}, [])
    async with _as_owner(home, owner, url, ports) as device:
        projects = device.projects()
        if project is not None:
            _choose(projects, project)
        if not known_here:
            write_vault(home, contents, ports.entropy)
        me = identity_of(contents)
        if device.trust.members.device_power(owner.account, me.signing.public) is None:
            device.account.access.add(
                enrol_device(owner.signing, me.signing, me.sealing.public, Power.ADMIN)
            )
        device.account.access.share()
        for found in listed(projects):
            await fetch_access(device, home, found, share=True)
        await device.until(lambda: device.settled, WAIT_SECONDS)


async def fetch_project(url: str, project: str | None, *, home: Home, ports: Ports) -> Founded:
    """The access records of one of the account's projects, kept for when it is opened here.

    Raises: AccountMissing, ProjectUnknown, ProjectAmbiguous, RelayElsewhere, RelayUnreachable.
    """
    contents = open_vault(home)
    check_relay(home, url)
    async with open_device(home, identity_of(contents), url, ports) as device:
        await device.until(lambda: device.settled, WAIT_SECONDS)
        chosen = _choose(device.projects(), project)
        await fetch_access(device, home, chosen, share=False)
    return chosen


def _contents(home: Home, owner: Identity, ports: Ports) -> VaultContents:
    """This device's keys; new ones, where it has no account yet."""
    if not home.vault.exists():
        return VaultContents(
            SigningKey(ports.entropy.bytes(32)),
            SealingSecret(ports.entropy.bytes(32)),
            owner.account,
            None,
            device_name(),
        )
    contents = open_vault(home)
    if contents.account != owner.account:
        raise AccountPresent
    return contents


@asynccontextmanager
async def _as_owner(home: Home, owner: Identity, url: str, ports: Ports) -> AsyncIterator[Device]:
    """The account's rooms, fetched with the words' own key."""
    async with open_device(home, owner, url, ports) as device:
        try:
            await device.until(lambda: device.settled, WAIT_SECONDS)
        except ClockSkewed:
            raise
        except AccessRefused:
            raise AccountUnknown(address=url) from None
        if device.account.access.log.current is None:
            raise AccountUnknown(address=url)
        yield device


async def fetch_access(device: Device, home: Home, project: Founded, *, share: bool) -> None:
    """A project's access records; with `share`, its keys sealed to members that have none."""
    path = home.project(project.subject) / STATE_FILE
    if not is_begun(path, home.disk):
        write_state(
            home,
            home.project(project.subject),
            {
                SUBJECT_KEY: project.subject,
                RELAY_KEY: device.link.url.encode(),
                NAME_KEY: project.name.encode(),
                JOINED_KEY: b"",
            },
            [],
        )
    rooms = device.subject(project.subject, DeviceStore(path, disk=home.disk))
    rooms.only_access = True
    device.begin(rooms)
    await device.until(lambda: rooms.settled, WAIT_SECONDS)
    if share:
        rooms.access.share()


def _choose(projects: dict[str, str], wanted: str | None) -> Founded:
    """The project of that name or id; the only one, if none was named."""
    found = [
        item for item in listed(projects) if wanted in (None, item.name, encode_id(item.subject))
    ]
    if not found:
        names = ", ".join(sorted(projects.values())) or "none yet"
        raise ProjectUnknown(name=wanted or "any name", projects=names)
    if len(found) > 1:
        # Of several with one name, only the id tells them apart.
        shown = [item.name if wanted is None else encode_id(item.subject) for item in found]
        raise ProjectAmbiguous(projects=", ".join(sorted(shown)))
    return found[0]


def listed(projects: dict[str, str]) -> list[Founded]:
    return [Founded(SubjectId(PublicKey(decode_id(key))), name) for key, name in projects.items()]


def _settle_in(folder: Path, home: Home, project: Founded) -> None:
    """Make the folder, and mark it as the project's."""
    if folder.exists() and not folder.is_dir():
        raise FolderMissing(folder=folder)
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
    store = DeviceStore(home.project(project.subject) / STATE_FILE, disk=home.disk)
    try:
        batch = Batch()
        batch.meta(FOLDER_KEY, str(folder.absolute()).encode())
        store.write(batch)
    finally:
        store.close()
    write_pointer(folder, project.subject)
