"""The vault on disk: written atomically, for its user alone, under the best lock there is.

A passphrase in SAKYA_PASSPHRASE locks it under Argon2id. Else its key lies in the system's
keyring; where there is none (a server, a container), in a file beside it that only its user may
read, which keeps out other users and copies of the vault alone, but not whoever takes the whole
directory.
"""

import os
import sys
from errno import ENOSPC
from pathlib import Path
from typing import Final

from sakya_sync.client.home import Home
from sakya_sync.errors import (
    AccountMissing,
    DiskFull,
    LocalFault,
    PermissionMissing,
    VaultCorrupt,
    VaultLocked,
)
from sakya_sync.ids import encode_id
from sakya_sync.ports import Entropy
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.vault import (
    NONCE_BYTES,
    SALT_BYTES,
    LockKind,
    VaultHeader,
    lock,
    passphrase_key,
    unlock,
)

PASSPHRASE_VARIABLE: Final = "SAKYA_PASSPHRASE"  # noqa: S105  # a name, not a passphrase
VAULT_BYTES_MAX: Final = 1024 * 1024
_SERVICE: Final = "sakya-sync"
_KEY_BYTES: Final = 32


def open_vault(home: Home) -> VaultContents:
    """Read and unlock the device's vault.

    Raises: AccountMissing when there is none; VaultCorrupt, VaultLocked, PermissionMissing.
    """
    blob = _read(home.vault)
    if blob is None:
        raise AccountMissing
    try:
        return unlock(blob, lambda header: _key_for(header, home))
    except VaultCorrupt as error:
        raise VaultCorrupt(error.details["detail"], path=home.vault) from None


def write_vault(home: Home, contents: VaultContents, entropy: Entropy) -> None:
    """Lock and write the vault; a crash leaves the old one or the new one.

    Raises: DiskFull, PermissionMissing, LocalFault.
    """
    home.make()
    passphrase = os.environ.get(PASSPHRASE_VARIABLE)
    if passphrase:
        header = VaultHeader.for_passphrase(entropy.bytes(SALT_BYTES))
        key = passphrase_key(passphrase, header)
    else:
        key = entropy.bytes(_KEY_BYTES)
        header = VaultHeader(LockKind.KEYRING)
        if not _to_keyring(home, key):
            header = VaultHeader(LockKind.FILE)
            write_private(home.vault_key, key)
    write_private(home.vault, lock(contents, key, entropy.bytes(NONCE_BYTES), header))


def write_private(path: Path, data: bytes) -> None:
    """Replace a file atomically, durably, with mode 0600. Raises as `write_vault` does."""
    temporary = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
        if sys.platform != "win32":
            _sync_directory(path.parent)
    except PermissionError as error:
        raise PermissionMissing(path=path) from error
    except OSError as error:
        if error.errno == ENOSPC:
            raise DiskFull(path=path) from error
        raise LocalFault(f"{path}: {error.strerror}") from error


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(VAULT_BYTES_MAX)
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise PermissionMissing(path=path) from error
    except OSError as error:
        raise LocalFault(f"{path}: {error.strerror}") from error


def _key_for(header: VaultHeader, home: Home) -> bytes:
    match header.kind:
        case LockKind.PASSPHRASE:
            passphrase = os.environ.get(PASSPHRASE_VARIABLE)
            if not passphrase:
                raise VaultLocked(f"its passphrase is not in {PASSPHRASE_VARIABLE}")
            return passphrase_key(passphrase, header)
        case LockKind.KEYRING:
            return _from_keyring(home)
        case LockKind.FILE:
            key = _read(home.vault_key)
            if key is None or len(key) != _KEY_BYTES:
                raise VaultLocked(f"its key file {home.vault_key} is missing or damaged")
            return key


def _keyring_name(home: Home) -> str:
    return f"vault of {home.path}"


def _to_keyring(home: Home, key: bytes) -> bool:
    """Whether a real keyring took the key."""
    if not home.keyring:
        return False
    # 190 ms to import, and only needed when a vault is made.
    import keyring
    from keyring.errors import KeyringError

    try:
        if keyring.get_keyring().priority < 1:
            return False
        keyring.set_password(_SERVICE, _keyring_name(home), encode_id(key))
        return keyring.get_password(_SERVICE, _keyring_name(home)) == encode_id(key)
    except (KeyringError, RuntimeError):
        return False


def _from_keyring(home: Home) -> bytes:
    from base64 import urlsafe_b64decode

    import keyring
    from keyring.errors import KeyringError

    try:
        held = keyring.get_password(_SERVICE, _keyring_name(home))
    except (KeyringError, RuntimeError):
        held = None
    if held is None:
        raise VaultLocked("the system's keyring does not give its key")
    return urlsafe_b64decode(held + "=")
