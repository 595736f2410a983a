import random
from dataclasses import replace

import pytest

from sakya_sync.access.certificates import NOTHING
from sakya_sync.access.epochs import EpochStatement, decode_statement, make, seal_epoch
from sakya_sync.access.hashing import h32
from sakya_sync.errors import CertificateInvalid, LimitExceeded
from sakya_sync.ids import KeyId, PublicKey
from sakya_sync.seal.envelope import open_envelope
from sakya_sync.seal.keys import EpochSecret, key_id

from .people import digest, sealing_key, sealing_secret, signing_key, subject

OWNER = signing_key("owner")
SECRET = EpochSecret(digest("epoch"))
KEY = key_id(SECRET)
NAMES = ("ann", "ben", "cid")


def envelope(name: str) -> tuple[PublicKey, bytes]:
    return signing_key(name).public, (digest(name) * 3)[:80]


def statement(*names: str) -> EpochStatement:
    return make(OWNER, subject("owner"), 0, KEY, NOTHING, [envelope(name) for name in names])


@pytest.mark.parametrize("names", [(), NAMES[:1], NAMES])
def test_a_statement_has_one_encoding(names: tuple[str, ...]) -> None:
    made = statement(*names)
    encoded = made.encode()
    assert len(encoded) == 179 + 112 * len(names)
    assert decode_statement(encoded) == made
    assert decode_statement(encoded).encode() == encoded


def test_every_single_flipped_bit_is_refused() -> None:
    encoded = statement("ann").encode()
    for bit in range(len(encoded) * 8):
        flipped = bytearray(encoded)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CertificateInvalid):
            decode_statement(bytes(flipped))


def test_every_other_length_is_refused() -> None:
    encoded = statement("ann").encode()
    for length in range(len(encoded)):
        with pytest.raises(CertificateInvalid):
            decode_statement(encoded[:length])
    with pytest.raises(CertificateInvalid):
        decode_statement(encoded + b"\0")


def test_rubbish_is_refused_with_our_own_error() -> None:
    dice = random.Random(2)
    for _ in range(1000):
        with pytest.raises(CertificateInvalid):
            decode_statement(b"E\x01" + dice.randbytes(dice.randrange(400)))


def test_recipients_out_of_order_are_refused_even_when_signed() -> None:
    ordered = statement("ann", "ben")
    for entries in (ordered.envelopes[::-1], ordered.envelopes[:1] * 2):
        head = ordered.encode()[:113]
        body = head + b"\2\0" + b"".join(key + sealed for key, sealed in entries)
        signature = OWNER.sign(b"sakya-sync/epoch-statement/1\0", body)
        with pytest.raises(CertificateInvalid, match="order"):
            decode_statement(body + signature)


def test_no_unverified_statement_can_be_made() -> None:
    with pytest.raises(CertificateInvalid):
        replace(statement("ann"), key_id=KeyId(b"another key"))
    with pytest.raises(CertificateInvalid):
        replace(statement("ann"), envelopes=())


@pytest.mark.parametrize(("epoch", "previous"), [(0, digest("x")), (1, NOTHING), (2**32, b"")])
def test_only_epoch_0_has_none_before_it(epoch: int, previous: bytes) -> None:
    with pytest.raises((CertificateInvalid, OverflowError)):
        make(OWNER, subject("owner"), epoch, KEY, previous, [])


def test_the_digest_does_not_depend_on_the_recipients() -> None:
    assert statement("ann").digest == statement(*NAMES).digest
    assert statement().digest == h32(b"SakyaEpoch1", statement("ann").encode()[:113])


def test_a_statement_has_at_most_1024_recipients() -> None:
    entries = [(PublicKey(number.to_bytes(32, "big")), bytes(80)) for number in range(1, 1026)]
    assert len(make(OWNER, subject("owner"), 0, KEY, NOTHING, entries[:1024]).envelopes) == 1024
    with pytest.raises(LimitExceeded):
        make(OWNER, subject("owner"), 0, KEY, NOTHING, entries)


def test_each_recipient_opens_its_own_envelope() -> None:
    recipients = [(signing_key(name).public, sealing_key(name)) for name in NAMES]
    made = seal_epoch(OWNER, subject("owner"), 0, SECRET, NOTHING, recipients)
    sealed = dict(made.envelopes)
    for name in NAMES:
        own = signing_key(name).public
        opened = open_envelope(
            sealed[own], subject("owner"), 0, made.key_id, own, sealing_secret(name)
        )
        assert opened == SECRET
