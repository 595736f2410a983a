"""Beginnings: a new account, and a new project of one. All of it without a network."""

import socket
from dataclasses import dataclass
from pathlib import Path

from sakya_sync.access.certificates import NOTHING, Certificate, decode
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.epochs import EpochStatement, seal_epoch
from sakya_sync.access.founding import found_account
from sakya_sync.access.founding import found_project as project_certificates
from sakya_sync.access.members import Members
from sakya_sync.access.ska import record_digest
from sakya_sync.client.addresses import relay_address
from sakya_sync.client.device import FOLDER_KEY, NAME_KEY, RELAY_KEY, STATE_FILE, SUBJECT_KEY
from sakya_sync.client.home import Home, project_of, write_pointer
from sakya_sync.client.identity import Identity
from sakya_sync.client.vaultfile import open_vault, write_vault
from sakya_sync.errors import (
    FolderAlreadyAProject,
    FolderMissing,
    FolderNotAProject,
    RelayElsewhere,
)
from sakya_sync.ids import SubjectId
from sakya_sync.ports import Entropy
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.keys import EpochSecret, SealingSecret, SigningKey
from sakya_sync.seal.recovery import account_key, account_sealing
from sakya_sync.store.device.batch import Batch
from sakya_sync.store.device.store import DeviceStore
from sakya_sync.system import SystemEntropy


@dataclass(frozen=True, slots=True)
class Founded:
    """A project that this device keeps in sync from now on."""

    subject: SubjectId
    name: str
    new_account: bool = False


def identity_of(contents: VaultContents) -> Identity:
    """The device's keys, from its vault."""
    assert contents.account is not None
    return Identity(
        contents.device_key, contents.sealing_secret, contents.account, contents.device_name
    )


def device_name() -> str:
    """What the account calls this device until its owner finds a better name."""
    return socket.gethostname().partition(".")[0] or "device"


def found_project(
    folder: Path, typed_url: str, name: str | None, *, home: Home, entropy: Entropy | None = None
) -> Founded:
    """Make `folder` a project, and an account for it if this device has none.

    Raises: FolderMissing, FolderAlreadyAProject, AddressInvalid, RelayElsewhere, and what the
    disk raises.
    """
    dice = SystemEntropy() if entropy is None else entropy
    url = relay_address(typed_url)
    if not folder.is_dir():
        raise FolderMissing(folder=folder)
    refuse_project(folder, home)
    shown = name or folder.absolute().name
    founded = found_subject(home, url, shown, dice, folder)
    write_pointer(folder, founded.subject)
    return founded


def found_subject(
    home: Home, url: str, name: str, dice: Entropy, folder: Path | None = None
) -> Founded:
    """A new project of this device's account, which is made if there is none yet.

    Raises: RelayElsewhere, and what the disk raises.
    """
    new_account = not home.vault.exists()
    if new_account:
        found_account_here(home, url, dice)
    contents = open_vault(home)
    check_relay(home, url)
    account = DeviceStore(home.account / STATE_FILE, disk=home.disk)
    try:
        held = [body for body, _ in account.access_records()]
    finally:
        account.close()
    identity = identity_of(contents)
    key = SigningKey(dice.bytes(32))
    subject = SubjectId(key.public)
    own = project_certificates(key, identity.account)
    accounts = tuple(decode(body) for body in held if body[:1] != b"E")
    epoch = first_epoch(key, subject, (*accounts, *own), EpochSecret(dice.bytes(32)))
    meta = {SUBJECT_KEY: bytes(subject), RELAY_KEY: url.encode(), NAME_KEY: name.encode()}
    if folder is not None:
        meta[FOLDER_KEY] = str(folder.absolute()).encode()
    write_state(home, home.project(subject), meta, [*own, epoch])
    return Founded(subject, name, new_account)


def check_relay(home: Home, url: str) -> None:
    """Raise RelayElsewhere unless the account lives at this relay."""
    store = DeviceStore(home.account / STATE_FILE, disk=home.disk)
    try:
        known = (store.meta(RELAY_KEY) or b"").decode()
    finally:
        store.close()
    if known != url:
        raise RelayElsewhere(address=known)


def refuse_project(folder: Path, home: Home) -> None:
    """Raise FolderAlreadyAProject when the folder, or one above it, is a project already."""
    try:
        found = project_of(folder, home)
    except FolderNotAProject:
        return
    raise FolderAlreadyAProject(folder=found.folder)


def found_account_here(home: Home, url: str, dice: Entropy) -> None:
    """Draw a recovery kit and keys, and write the vault and the account's first records."""
    home.make()
    kit = dice.bytes(32)
    owner, owner_sealing = account_key(kit), account_sealing(kit)
    device, sealing = SigningKey(dice.bytes(32)), SealingSecret(dice.bytes(32))
    account = SubjectId(owner.public)
    certificates = found_account(owner, owner_sealing.public, device, sealing.public)
    epoch = first_epoch(owner, account, certificates, EpochSecret(dice.bytes(32)))
    write_state(
        home,
        home.account,
        {SUBJECT_KEY: account, RELAY_KEY: url.encode()},
        [*certificates, epoch],
    )
    # The vault last: until it is there, the device has no account, and init begins again.
    write_vault(home, VaultContents(device, sealing, account, kit, device_name()), dice)


def first_epoch(
    key: SigningKey,
    subject: SubjectId,
    certificates: tuple[Certificate, ...],
    secret: EpochSecret,
) -> EpochStatement:
    """Epoch 0 of a subject, begun by its own key, for everybody that may read."""
    recipients = Members(CertificateSet(certificates)).recipients(subject)
    return seal_epoch(key, subject, 0, secret, NOTHING, recipients)


def write_state(
    home: Home, folder: Path, meta: dict[str, bytes], records: list[Certificate | EpochStatement]
) -> None:
    """A fresh database with the records that everything else follows from."""
    path = folder / STATE_FILE
    # What an interrupted attempt left is of no use: its keys were never kept.
    for stale in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        stale.unlink(missing_ok=True)
    store = DeviceStore(path, create=True, disk=home.disk)
    try:
        batch = Batch()
        for key, value in meta.items():
            batch.meta(key, value)
        for record in records:
            body = record.encode()
            batch.access_record(record_digest(body), body, acked=False)
        store.write(batch)
    finally:
        store.close()
