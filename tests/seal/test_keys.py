import pytest

from sakya_sync.errors import RecordRejected
from sakya_sync.ids import PublicKey
from sakya_sync.seal.keys import (
    EpochSecret,
    Kind,
    SealingSecret,
    SigningKey,
    key_id,
    kind_key,
    verify,
)

from .vectors import AUTHORS, ROOM, SECRET, VECTORS

CONTEXT = b"test\0"


def test_keys_are_derived_as_printed() -> None:
    assert key_id(SECRET).decode() == VECTORS["key_id"]
    for kind in Kind:
        assert kind_key(SECRET, kind, ROOM).hex() == VECTORS["kind_keys"][kind.name.lower()]
    assert [key.public.hex() for key in AUTHORS] == [a["public"] for a in VECTORS["authors"]]


def test_no_repr_shows_a_secret() -> None:
    shown = repr([SECRET, SigningKey(b"s" * 32), SealingSecret(b"x" * 32)]) + str(SECRET)
    assert SECRET.hex() not in shown
    assert (b"s" * 32).hex() not in shown
    assert "ssss" not in shown
    assert (b"x" * 32).hex() not in shown


def test_a_signature_is_good_for_its_key_context_and_body_only() -> None:
    key, other = SigningKey(b"1" * 32), SigningKey(b"2" * 32)
    signature = key.sign(CONTEXT, b"body")
    verify(key.public, CONTEXT, b"body", signature)
    for public, context, body, attempt in (
        (other.public, CONTEXT, b"body", signature),
        (key.public, b"other\0", b"body", signature),
        (key.public, CONTEXT, b"bodies", signature),
        (key.public, CONTEXT, b"body", signature[:-1]),
        (key.public, CONTEXT, b"body", signature + b"x"),
        (key.public, CONTEXT, b"body", key.sign(b"x" + CONTEXT, b"body") + b"x"),
        (PublicKey(b"short"), CONTEXT, b"body", signature),
    ):
        with pytest.raises(RecordRejected):
            verify(public, context, body, attempt)


def test_a_key_of_small_order_signs_nothing() -> None:
    identity = PublicKey(b"\x01" + bytes(31))
    with pytest.raises(RecordRejected):
        verify(identity, CONTEXT, b"any", identity + bytes(32))


def test_a_signature_cannot_be_turned_into_another() -> None:
    key = SigningKey(b"1" * 32)
    signature = key.sign(CONTEXT, b"body")
    order = 2**252 + 27742317777372353535851937790883648493
    larger = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    with pytest.raises(RecordRejected):
        verify(key.public, CONTEXT, b"body", signature[:32] + larger)


def test_secrets_have_32_bytes() -> None:
    with pytest.raises(AssertionError):
        EpochSecret(b"short")
