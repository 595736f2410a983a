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
    device_name,
    identity_of,
    refuse_project,
    write_state,
)
from sakya_sync.client.home import Home, decode_id, encode_id, write_pointer
from sakya_sync.client.identity import Identity
from sakya_sync.client.ports import Ports
from sakya_sync.client.vaultfile import open_vault, write_vault
from sakya_sync.errors import (
    AccessRefused,
    AccountPresent,
    AccountUnknown,
    ClockSkewed,
    FolderMissing,
    PermissionMissing,
    ProjectAmbiguous,
    ProjectUnknown,
    RelayElsewhere,
)
from sakya_sync.ids import PublicKey, SubjectId
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.keys import SealingSecret, SigningKey
from sakya_sync.seal.recovery import account_key, account_sealing, entropy
from sakya_sync.store.device.store import DeviceStore

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
    kit = entropy(words)
    owner = Identity(account_key(kit), account_sealing(kit), SubjectId(account_key(kit).public))
    url = relay_address(typed_url)
    refuse_project(folder, home)
    contents = _contents(home, owner, ports)
    known_here = home.vault.exists()
    if known_here:
        _check_relay(home, url)
    else:
        write_state(home.account, {SUBJECT_KEY: owner.account, RELAY_KEY: url.encode()}, [])
    async with _as_owner(home, owner, url, ports) as device:
        chosen = _choose(device.projects(), project)
        if not known_here:
            write_vault(home, contents, ports.entropy)
        me = identity_of(contents)
        if device.trust.members.device_power(owner.account, me.signing.public) is None:
            device.account.access.add(
                enrol_device(owner.signing, me.signing, me.sealing.public, Power.ADMIN)
            )
        device.account.access.share()
        await _hand_over_keys(device, home, url)
    return _settle_in(folder, home, chosen)


async def join_known(
    folder: Path, typed_url: str, project: str | None, *, home: Home, ports: Ports | None = None
) -> Founded:
    """Bring one more project of its account to a device that belongs to it already.

    Raises as `join_by_recovery` does, AccountMissing too.
    """
    ports = Ports.real() if ports is None else ports
    contents = open_vault(home)
    url = relay_address(typed_url)
    _check_relay(home, url)
    refuse_project(folder, home)
    async with open_device(home, identity_of(contents), url, ports) as device:
        await device.until(lambda: device.settled, WAIT_SECONDS)
        chosen = _choose(device.projects(), project)
        await _fetch_keys(device, home, url, chosen)
    return _settle_in(folder, home, chosen)


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


def _check_relay(home: Home, url: str) -> None:
    store = DeviceStore(home.account / STATE_FILE)
    try:
        known = (store.meta(RELAY_KEY) or b"").decode()
    finally:
        store.close()
    if known != url:
        raise RelayElsewhere(address=known)


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


async def _hand_over_keys(device: Device, home: Home, url: str) -> None:
    """Seal the keys of every project of the account to the device that has just come in."""
    for project, name in device.projects().items():
        await _fetch_keys(device, home, url, _named(project, name), share=True)
    await device.until(lambda: device.settled, WAIT_SECONDS)


async def _fetch_keys(
    device: Device, home: Home, url: str, project: Founded, *, share: bool = False
) -> None:
    """The access records of a project, kept for when it is opened here."""
    path = home.project(project.subject) / STATE_FILE
    if not path.exists():
        write_state(
            home.project(project.subject),
            {
                SUBJECT_KEY: project.subject,
                RELAY_KEY: url.encode(),
                NAME_KEY: project.name.encode(),
                JOINED_KEY: b"",
            },
            [],
        )
    rooms = device.subject(project.subject, DeviceStore(path))
    rooms.only_access = True
    device.begin(rooms)
    await device.until(lambda: rooms.settled, WAIT_SECONDS)
    if share:
        rooms.access.share()
        await device.until(lambda: rooms.settled, WAIT_SECONDS)


def _choose(projects: dict[str, str], wanted: str | None) -> Founded:
    """The project of that name or id; the only one, if none was named."""
    listed = ", ".join(sorted(projects.values())) or "none yet"
    found = [
        _named(key, name)
        for key, name in projects.items()
        if wanted is None or wanted in (key, name)
    ]
    if not found:
        raise ProjectUnknown(name=wanted or "any name", projects=listed)
    if len(found) > 1:
        raise ProjectAmbiguous(
            projects=", ".join(f"{item.name} ({encode_id(item.subject)})" for item in found)
            if wanted
            else listed
        )
    return found[0]


def _named(key: str, name: str) -> Founded:
    return Founded(SubjectId(PublicKey(decode_id(key))), name)


def _settle_in(folder: Path, home: Home, project: Founded) -> Founded:
    """Make the folder, and mark it as the project's."""
    from sakya_sync.store.device.batch import Batch

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise PermissionMissing(path=folder) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise FolderMissing(folder=folder) from error
    store = DeviceStore(home.project(project.subject) / STATE_FILE)
    try:
        batch = Batch()
        batch.meta(FOLDER_KEY, str(folder.absolute()).encode())
        store.write(batch)
    finally:
        store.close()
    write_pointer(folder, project.subject)
    return project
