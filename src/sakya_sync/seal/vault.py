"""The vault: a device's secrets at rest, under a passphrase or a key kept elsewhere.

    header = "SakyaVault" || version u8 = 1 || kind u8 || ops u32 || memory KiB u32 || salt[16]
    vault  = header || nonce[24] || check[16] || sum[8] || box

Spec: docs/protocol.md#vault; vectors/seal/vault.json.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from hmac import compare_digest
from typing import Final
from unicodedata import normalize

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from sakya_sync.errors import RecordError, VaultCorrupt, VaultLocked
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.padding import is_padded, padded_length
from sakya_sync.seal.sealed import TAG_BYTES
from sakya_sync.wire.varint import Reader, encode_varbytes

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 24
SALT_BYTES: Final = 16
OPS_DEFAULT: Final = 3
MEMORY_KIB_DEFAULT: Final = 256 * 1024
OPS_MAX: Final = 64
MEMORY_KIB_MAX: Final = 2 * 1024 * 1024
MEMORY_KIB_MIN: Final = 8

_MAGIC = b"SakyaVault\x01"
_HEADER_BYTES = len(_MAGIC) + 1 + 4 + 4 + SALT_BYTES
_CHECK_AT = _HEADER_BYTES + NONCE_BYTES
_SUM_AT = _CHECK_AT + 16
_BOX_AT = _SUM_AT + 8
_NO_SALT = bytes(SALT_BYTES)


class LockKind(IntEnum):
    """Where the key of a vault comes from."""

    PASSPHRASE = 1
    KEYRING = 2
    FILE = 3


@dataclass(frozen=True, slots=True)
class VaultHeader:
    """How to find a vault's key; public.

    `ops`, `memory_kib` and `salt` are Argon2id's, and zeros unless it is a passphrase.
    """

    kind: LockKind
    salt: bytes = _NO_SALT
    ops: int = 0
    memory_kib: int = 0

    @staticmethod
    def for_passphrase(
        salt: bytes, ops: int = OPS_DEFAULT, memory_kib: int = MEMORY_KIB_DEFAULT
    ) -> "VaultHeader":
        """With 16 random bytes of salt; by default about half a second and 256 MiB of memory."""
        return VaultHeader(LockKind.PASSPHRASE, salt, ops, memory_kib)

    def encode(self) -> bytes:
        """36 bytes."""
        assert _sound(self)
        numbers = self.ops.to_bytes(4, "little") + self.memory_kib.to_bytes(4, "little")
        return _MAGIC + bytes((self.kind,)) + numbers + self.salt


def passphrase_key(passphrase: str, header: VaultHeader) -> bytes:
    """The key that a passphrase gives; slow on purpose, so not on an event loop."""
    assert header.kind is LockKind.PASSPHRASE
    typed = normalize("NFKC", passphrase).encode()
    memory_bytes = header.memory_kib * 1024
    return argon2id.kdf(KEY_BYTES, typed, header.salt, header.ops, memory_bytes)


def lock(contents: VaultContents, key: bytes, nonce: bytes, header: VaultHeader) -> bytes:
    """The vault's bytes.

    Args:
        key: 32 bytes: `passphrase_key` of this header, or what the keyring or the file holds.
        nonce: 24 random bytes, new each time.
    """
    assert len(nonce) == NONCE_BYTES
    head = header.encode() + nonce
    check, box_key = _keys(key, head)
    head += check
    head += _sum(head)
    plain = encode_varbytes(contents.encode())
    plain += bytes(padded_length(len(plain)) - len(plain))
    box = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, head, nonce, box_key)
    return head + box


def read_header(vault: bytes) -> VaultHeader:
    """How to find the key. Raises VaultCorrupt."""
    if not vault.startswith(_MAGIC):
        raise VaultCorrupt("it is not a vault")
    if not is_padded(len(vault) - _BOX_AT - TAG_BYTES):
        raise VaultCorrupt("its end is missing")
    # So that damage to salt or check is not taken for a wrong passphrase.
    if _sum(vault[:_SUM_AT]) != vault[_SUM_AT:_BOX_AT]:
        raise VaultCorrupt("its first bytes have changed")
    at = len(_MAGIC)
    try:
        kind = LockKind(vault[at])
    except ValueError:
        raise VaultCorrupt("it is locked in an unknown way") from None
    ops = int.from_bytes(vault[at + 1 : at + 5], "little")
    memory_kib = int.from_bytes(vault[at + 5 : at + 9], "little")
    header = VaultHeader(kind, vault[at + 9 : _HEADER_BYTES], ops, memory_kib)
    if not _sound(header):
        raise VaultCorrupt("its parameters are out of bounds")
    return header


def unlock(vault: bytes, derive: Callable[[VaultHeader], bytes]) -> VaultContents:
    """Open a vault with the key that `derive` finds for its header.

    Raises: VaultLocked for a wrong key, VaultCorrupt for a vault that was changed.
    """
    key = derive(read_header(vault))
    check, box_key = _keys(key, vault[:_CHECK_AT])
    if not compare_digest(check, vault[_CHECK_AT:_SUM_AT]):
        raise VaultLocked("that is another key or passphrase")
    nonce = vault[_HEADER_BYTES:_CHECK_AT]
    try:
        plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            vault[_BOX_AT:], vault[:_BOX_AT], nonce, box_key
        )
        return VaultContents.decode(_unpad(plain))
    except (CryptoError, RecordError):
        raise VaultCorrupt("its contents have changed") from None


def _sound(header: VaultHeader) -> bool:
    if header.kind is not LockKind.PASSPHRASE:
        return (header.salt, header.ops, header.memory_kib) == (_NO_SALT, 0, 0)
    return (
        len(header.salt) == SALT_BYTES
        and 1 <= header.ops <= OPS_MAX
        and MEMORY_KIB_MIN <= header.memory_kib <= MEMORY_KIB_MAX
    )


def _keys(key: bytes, head: bytes) -> tuple[bytes, bytes]:
    assert len(key) == KEY_BYTES
    check = blake2b(head, digest_size=16, key=key, person=b"SakyaVaultCheck1").digest()
    return check, blake2b(head, digest_size=32, key=key, person=b"SakyaVaultKey1").digest()


def _sum(head: bytes) -> bytes:
    return blake2b(head, digest_size=8, person=b"SakyaVaultSum1").digest()


def _unpad(plain: bytes) -> bytes:
    reader = Reader(plain, RecordError)
    contents = reader.varbytes()
    end = reader.position
    if not is_padded(len(plain)) or plain.count(0, end) != len(plain) - end:
        raise RecordError("padding")
    return contents
