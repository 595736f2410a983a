"""Ids that cannot be mixed up.

All are plain values at run time; the type checker keeps them apart.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NewType

PublicKey = NewType("PublicKey", bytes)
"""An Ed25519 public key, 32 bytes: a node in the graph of certificates."""

SubjectId = NewType("SubjectId", PublicKey)
"""The key that a project, an account or a role is."""

DeviceId = NewType("DeviceId", PublicKey)
"""The key that a device is."""

AuthorId = NewType("AuthorId", PublicKey)
"""The key that signed a record: a device's, or a document's own genesis key."""

SealingKey = NewType("SealingKey", bytes)
"""An X25519 public key, 32 bytes, that secrets for its owner are sealed to."""

RoomId = NewType("RoomId", str)
"""A room's name, at most 128 bytes of UTF-8: `<subject>/<name>`."""

PeerId = NewType("PeerId", int)
"""The name a replica writes under in Loro: 0 to 2**64 - 2, fresh for each session."""

KeyId = NewType("KeyId", bytes)
"""Which epoch secret a record needs: 11 bytes of base64url text."""

BatchId = NewType("BatchId", bytes)
"""The sender's name for updates that are acked together, 8 bytes."""

Digest = NewType("Digest", bytes)
"""The digest of one sealed record, 32 bytes."""

ChainHead = NewType("ChainHead", bytes)
"""The hash of an author's records in a room up to one of them, 32 bytes."""

CertificateId = NewType("CertificateId", bytes)
"""The digest of a certificate without its signature, 32 bytes."""

FileId = NewType("FileId", str)
"""A file's stable id in a project: 43 characters of base64url, the name of its body document."""


def encode_id(key: bytes) -> str:
    """An id as people and file systems see it: base64url without padding."""
    return urlsafe_b64encode(key).rstrip(b"=").decode("ascii")


def decode_id(text: str) -> bytes:
    """The key of an id; empty for text that is none."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
