"""Records as clients that are not ours write them."""

from hashlib import blake2b

from sakya_sync.wire.varint import encode_uvarint, encode_varbytes


def nonce(seed: str) -> bytes:
    return blake2b(seed.encode(), digest_size=12).digest()


def tail(iv: str, key_id: bytes, ciphertext: bytes) -> bytes:
    return encode_varbytes(key_id) + encode_varbytes(nonce(iv)) + encode_varbytes(ciphertext)


def delta(
    start: int,
    end: int,
    *,
    peer: bytes = b"7",
    iv: str = "",
    key_id: bytes = b"k1",
    ciphertext: bytes = b"sixteen or more bytes",
) -> bytes:
    """A delta, whose iv is its own unless one is given."""
    header = b"\x00" + encode_varbytes(peer) + encode_uvarint(start) + encode_uvarint(end)
    return header + tail(iv or f"{peer!r}{start}-{end}", key_id, ciphertext)


def snapshot(
    counters: dict[bytes, int],
    *,
    iv: str = "",
    key_id: bytes = b"k1",
    ciphertext: bytes = b"a snapshot of everything",
) -> bytes:
    """A snapshot, whose iv is its own unless one is given."""
    entries = b"".join(encode_varbytes(p) + encode_uvarint(c) for p, c in sorted(counters.items()))
    header = b"\x01" + encode_uvarint(len(counters)) + entries
    return header + tail(iv or f"snapshot {counters}", key_id, ciphertext)
