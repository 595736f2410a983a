"""Names and keys that all devices of a subject derive alike.

Two devices that import the same file at the same path make the same document, byte for byte.
Spec: docs/protocol.md#files; vectors/seal/genesis.json.
"""

from base64 import urlsafe_b64decode
from hashlib import blake2b
from typing import Final
from unicodedata import normalize

from sakya_sync.ids import FileId, PeerId, PublicKey, SubjectId, encode_id
from sakya_sync.seal.keys import EpochSecret, SigningKey
from sakya_sync.seal.lp import lp

_FILE_ID_CHARACTERS: Final = 43


def file_seed(
    first_secret: EpochSecret, subject: SubjectId, path: str, kind: int, content: bytes
) -> SigningKey:
    """The genesis key of a file's document; signs its first record, and nothing else ever.

    Args:
        first_secret: epoch 0's.
        path: in the project, in whatever normal form.
        kind: of the document, below 256.
        content: of the file when it was imported.
    """
    name = lp(normalize("NFC", path).encode())
    body = name + bytes((kind,)) + blake2b(content, digest_size=32).digest()
    key = _genesis_secret(first_secret, subject)
    return SigningKey(_keyed(key, b"SakyaGenesisDoc", body, 32))


def genesis_peer(first_secret: EpochSecret, subject: SubjectId, public: PublicKey) -> PeerId:
    """Who wrote a file's first operations, by its genesis key."""
    key = _genesis_secret(first_secret, subject)
    peer = int.from_bytes(_keyed(key, b"SakyaGenesisPeer", public, 8), "little")
    # Even, and so never the greatest 64-bit number, which Loro keeps for itself.
    return PeerId(peer & ~1)


def file_id(public: PublicKey) -> FileId:
    """The name of the document with that genesis key: 43 characters."""
    return FileId(encode_id(public))


def document_key(name: str) -> PublicKey | None:
    """The genesis key that a document's name is; None for a name that is none."""
    if len(name) != _FILE_ID_CHARACTERS or not name.isascii():
        return None
    try:
        key = PublicKey(urlsafe_b64decode(name + "="))
    except ValueError:
        return None
    # The last character carries bits that a decoder ignores.
    return key if file_id(key) == name else None


def document_name(first_secret: EpochSecret, subject: SubjectId, name: str) -> str:
    """The name that a relay sees of a document opened by name: 22 characters."""
    key = _keyed(first_secret, b"SakyaNameKey1", subject, 32)
    return encode_id(_keyed(key, b"SakyaRoomName1", name.encode(), 16))


def _genesis_secret(first_secret: EpochSecret, subject: SubjectId) -> bytes:
    return _keyed(first_secret, b"SakyaGenesis1", subject, 32)


def _keyed(key: bytes, person: bytes, content: bytes, size: int) -> bytes:
    return blake2b(content, digest_size=size, key=key, person=person).digest()
