from hashlib import blake2b

from sakya_sync.access.hashing import h32


def test_h32_is_personalised_blake2b() -> None:
    person = b"SakyaCert1".ljust(16, b"\0")
    assert h32(b"SakyaCert1", b"x") == blake2b(b"x", digest_size=32, person=person).digest()
    assert h32(b"SakyaCert1", b"x") != h32(b"SakyaCertSet1", b"x")
