"""H32, the digest of docs/protocol.md."""

from hashlib import blake2b


def h32(person: bytes, content: bytes) -> bytes:
    """BLAKE2b with a 32-byte digest, for the purpose that `person` names (at most 16 bytes)."""
    return blake2b(content, digest_size=32, person=person).digest()
