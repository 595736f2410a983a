import pytest

from sakya_sync.errors import RecordRejected
from sakya_sync.ids import PublicKey, SealingKey, SubjectId
from sakya_sync.seal.envelope import ENVELOPE_BYTES, open_envelope, seal_envelope
from sakya_sync.seal.keys import EpochSecret, SealingSecret, key_id

SECRET = EpochSecret(b"e" * 32)
KEY = key_id(SECRET)
SUBJECT, OTHER = SubjectId(PublicKey(b"s" * 32)), SubjectId(PublicKey(b"t" * 32))
TABLET = PublicKey(b"d" * 32)
LOCK, WRONG = SealingSecret(b"l" * 32), SealingSecret(b"w" * 32)
ENVELOPE = seal_envelope(SECRET, SUBJECT, 3, KEY, TABLET, LOCK.public)


def test_the_recipient_opens_it() -> None:
    assert len(ENVELOPE) == ENVELOPE_BYTES
    assert open_envelope(ENVELOPE, SUBJECT, 3, KEY, TABLET, LOCK) == SECRET


def test_nobody_opens_it_as_anything_else() -> None:
    spoiled = ENVELOPE[:-1] + bytes((ENVELOPE[-1] ^ 1,))
    other_key = key_id(EpochSecret(b"f" * 32))
    attempts = (
        (ENVELOPE, SUBJECT, 3, KEY, TABLET, WRONG),
        (ENVELOPE, OTHER, 3, KEY, TABLET, LOCK),
        (ENVELOPE, SUBJECT, 4, KEY, TABLET, LOCK),
        (ENVELOPE, SUBJECT, 3, other_key, TABLET, LOCK),
        (ENVELOPE, SUBJECT, 3, KEY, PublicKey(b"x" * 32), LOCK),
        (spoiled, SUBJECT, 3, KEY, TABLET, LOCK),
        (ENVELOPE[:-1], SUBJECT, 3, KEY, TABLET, LOCK),
        (b"", SUBJECT, 3, KEY, TABLET, LOCK),
    )
    for attempt in attempts:
        with pytest.raises(RecordRejected):
            open_envelope(*attempt)


def test_no_flipped_bit_of_an_envelope_goes_unnoticed() -> None:
    # Among them the top bit of the key that it carries, which X25519 itself ignores.
    for position in range(ENVELOPE_BYTES):
        for bit in range(8):
            changed = bytearray(ENVELOPE)
            changed[position] ^= 1 << bit
            refuse(bytes(changed))


def test_an_envelope_of_any_other_length_is_refused() -> None:
    for size in range(ENVELOPE_BYTES):
        refuse(ENVELOPE[:size])
    refuse(ENVELOPE + b"\0")
    refuse(b"\0" + ENVELOPE)


def test_an_envelope_with_a_key_of_small_order_is_refused() -> None:
    for point in (bytes(32), b"\1" + bytes(31)):
        refuse(point + ENVELOPE[32:])


def test_two_envelopes_for_one_recipient_have_nothing_in_common() -> None:
    again = seal_envelope(SECRET, SUBJECT, 3, KEY, TABLET, LOCK.public)
    assert again[:32] != ENVELOPE[:32]
    assert open_envelope(again, SUBJECT, 3, KEY, TABLET, LOCK) == SECRET
    # Neither opens with the other's key in front.
    refuse(again[:32] + ENVELOPE[32:])


def refuse(envelope: bytes) -> None:
    with pytest.raises(RecordRejected) as caught:
        open_envelope(envelope, SUBJECT, 3, KEY, TABLET, LOCK)
    assert caught.value.details["detail"] == "an envelope does not open"


def test_an_envelope_with_a_secret_that_its_name_does_not_fit_is_refused() -> None:
    named = key_id(EpochSecret(b"f" * 32))
    lying = seal_envelope(SECRET, SUBJECT, 3, named, TABLET, LOCK.public)
    with pytest.raises(RecordRejected):
        open_envelope(lying, SUBJECT, 3, named, TABLET, LOCK)


def test_nothing_is_sealed_to_a_key_of_small_order() -> None:
    with pytest.raises(ValueError, match=r".*"):
        seal_envelope(SECRET, SUBJECT, 3, KEY, TABLET, SealingKey(bytes(32)))
