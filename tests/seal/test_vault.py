import pytest

from sakya_sync.errors import VaultCorrupt, VaultLocked
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.keys import SealingSecret, SigningKey
from sakya_sync.seal.vault import LockKind, VaultHeader, lock, passphrase_key, read_header, unlock

CONTENTS = VaultContents(SigningKey(b"d" * 32), SealingSecret(b"s" * 32), device_name="laptop")
KEY, NONCE = b"k" * 32, b"n" * 24
VAULT = lock(CONTENTS, KEY, NONCE, VaultHeader(LockKind.FILE))


def test_a_vault_opens_with_its_key() -> None:
    assert unlock(VAULT, lambda _header: KEY) == CONTENTS
    assert b"laptop" not in VAULT


def test_a_wrong_key_is_told_from_damage() -> None:
    with pytest.raises(VaultLocked):
        unlock(VAULT, lambda _header: b"x" * 32)


def test_every_damage_is_noticed() -> None:
    for position in range(len(VAULT)):
        changed = bytearray(VAULT)
        changed[position] ^= 0x10
        with pytest.raises(VaultCorrupt):
            unlock(bytes(changed), lambda _header: KEY)
    for size in range(0, len(VAULT), 7):
        with pytest.raises(VaultCorrupt):
            unlock(VAULT[:size], lambda _header: KEY)


def test_a_passphrase_opens_it_however_it_is_typed_in_unicode() -> None:
    header = VaultHeader.for_passphrase(b"s" * 16, ops=1, memory_kib=8)
    vault = lock(CONTENTS, passphrase_key("caf\u00e9", header), NONCE, header)
    assert read_header(vault) == header
    assert unlock(vault, lambda found: passphrase_key("cafe\u0301", found)) == CONTENTS
    with pytest.raises(VaultLocked):
        unlock(vault, lambda found: passphrase_key("cafe", found))


def test_the_same_secrets_twice_make_two_vaults() -> None:
    again = lock(CONTENTS, KEY, b"m" * 24, VaultHeader(LockKind.FILE))
    assert again != VAULT
    assert len(again) == len(VAULT)
