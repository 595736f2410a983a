from hashlib import blake2b

import pytest

from sakya_sync.errors import VaultCorrupt, VaultLocked
from sakya_sync.ids import PublicKey, SubjectId
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.keys import EpochSecret, SealingSecret, SigningKey
from sakya_sync.seal.padding import is_padded
from sakya_sync.seal.ring import KeyRing
from sakya_sync.seal.vault import (
    MEMORY_KIB_MAX,
    MEMORY_KIB_MIN,
    OPS_MAX,
    LockKind,
    VaultHeader,
    lock,
    passphrase_key,
    read_header,
    unlock,
)

CONTENTS = VaultContents(SigningKey(b"d" * 32), SealingSecret(b"s" * 32), device_name="laptop")
KEY, NONCE = b"k" * 32, b"n" * 24
VAULT = lock(CONTENTS, KEY, NONCE, VaultHeader(LockKind.FILE))
MANY_KEYS = CONTENTS.with_ring(
    SubjectId(PublicKey(b"p" * 32)),
    KeyRing((epoch, EpochSecret(bytes((epoch,)) * 32)) for epoch in range(8)),
)
VAULTS = {
    "a file": VAULT,
    "a passphrase": lock(CONTENTS, KEY, NONCE, VaultHeader.for_passphrase(b"s" * 16, 1, 8)),
    "many keys": lock(MANY_KEYS, KEY, NONCE, VaultHeader(LockKind.KEYRING)),
}
BOX_AT = 84
"""Behind "SakyaVault" 01, kind, ops, memory, salt, nonce, check, sum."""


def test_a_vault_opens_with_its_key() -> None:
    assert unlock(VAULT, lambda _header: KEY) == CONTENTS
    assert b"laptop" not in VAULT


def test_a_wrong_key_is_told_from_damage() -> None:
    with pytest.raises(VaultLocked):
        unlock(VAULT, lambda _header: b"x" * 32)


@pytest.mark.parametrize("name", VAULTS)
def test_no_flipped_bit_of_a_vault_goes_unnoticed(name: str) -> None:
    vault = VAULTS[name]
    for position in range(len(vault)):
        for bit in range(8):
            changed = bytearray(vault)
            changed[position] ^= 1 << bit
            derived = refuse(bytes(changed))
            # A vault whose cost was raised is refused before anybody pays it.
            assert bool(derived) == (position >= BOX_AT)


@pytest.mark.parametrize("name", VAULTS)
def test_a_vault_cut_at_any_length_is_refused(name: str) -> None:
    vault = VAULTS[name]
    paid = [size for size in range(len(vault)) if refuse(vault[:size])]
    # Only where what is left is as long as some vault is its key asked for.
    assert paid == [size for size in range(len(vault)) if is_padded(size - BOX_AT - 16)]
    assert bool(paid) == (name == "many keys")
    assert not refuse(vault + b"x")


def refuse(vault: bytes) -> list[VaultHeader]:
    """The headers that a key was asked for before the vault was refused as damaged."""
    asked: list[VaultHeader] = []

    def derive(header: VaultHeader) -> bytes:
        asked.append(header)
        return KEY

    with pytest.raises(VaultCorrupt):
        unlock(vault, derive)
    return asked


@pytest.mark.parametrize(
    ("kind", "ops", "memory_kib", "salt"),
    [
        (0, 0, 0, bytes(16)),
        (4, 0, 0, bytes(16)),
        (1, 0, 8, b"s" * 16),
        (1, OPS_MAX + 1, 8, b"s" * 16),
        (1, 1, MEMORY_KIB_MIN - 1, b"s" * 16),
        (1, 1, MEMORY_KIB_MAX + 1, b"s" * 16),
        (1, 2**32 - 1, 2**32 - 1, b"s" * 16),
        (2, 1, 0, bytes(16)),
        (3, 0, 8, bytes(16)),
        (3, 0, 0, b"s" * 16),
    ],
)
def test_a_header_that_no_vault_has_is_refused_before_its_key_is_asked_for(
    kind: int, ops: int, memory_kib: int, salt: bytes
) -> None:
    # Whoever writes it can sum it up as well: the sum is no secret.
    numbers = ops.to_bytes(4, "little") + memory_kib.to_bytes(4, "little")
    assert refuse(summed(b"SakyaVault\x01" + bytes((kind,)) + numbers + salt)) == []


@pytest.mark.parametrize(("ops", "memory_kib"), [(1, MEMORY_KIB_MIN), (OPS_MAX, MEMORY_KIB_MAX)])
def test_the_cheapest_and_the_dearest_header_are_read(ops: int, memory_kib: int) -> None:
    header = VaultHeader.for_passphrase(b"s" * 16, ops, memory_kib)
    assert read_header(summed(header.encode())) == header


def test_a_changed_start_that_is_summed_up_again_opens_nothing() -> None:
    for position in range(36, BOX_AT - 8):
        changed = bytearray(VAULT)
        changed[position] ^= 1
        with pytest.raises(VaultLocked):
            unlock(summed(bytes(changed[: BOX_AT - 8])), lambda _header: KEY)
    other = VaultHeader.for_passphrase(b"s" * 16, 1, 8)
    with pytest.raises(VaultLocked):
        unlock(summed(other.encode()), lambda _header: KEY)


def summed(start: bytes) -> bytes:
    """The file vault with other first bytes, and their right sum."""
    head = start + VAULT[len(start) : BOX_AT - 8]
    return head + blake2b(head, digest_size=8, person=b"SakyaVaultSum1").digest() + VAULT[BOX_AT:]


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
