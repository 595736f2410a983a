import random
from dataclasses import replace

import pytest

from sakya_sync.access.certificates import (
    ACCEPTANCE_BYTES,
    DELEGATION_BYTES,
    NOTHING,
    REVOCATION_BYTES,
    Certificate,
    accept,
    decode,
    delegate,
    revoke,
)
from sakya_sync.access.power import Power
from sakya_sync.errors import CertificateInvalid
from sakya_sync.ids import CertificateId, SealingKey

from .people import digest, sealing_key, signing_key, subject

OWNER, ANN = signing_key("owner"), signing_key("ann")
NAMED = CertificateId(digest("a certificate"))
KINDS: list[Certificate] = [
    delegate(OWNER, ANN.public, subject("owner"), Power.WRITE),
    delegate(ANN, OWNER.public, subject("project"), Power.PULL, NAMED),
    accept(ANN, subject("owner"), sealing_key("ann"), NAMED),
    accept(OWNER, subject("owner"), sealing_key("owner"), None),
    revoke(OWNER, NAMED),
]


@pytest.mark.parametrize("certificate", KINDS)
def test_a_certificate_has_one_encoding(certificate: Certificate) -> None:
    encoded = certificate.encode()
    assert decode(encoded) == certificate
    assert decode(encoded).encode() == encoded
    assert decode(encoded).id == certificate.id


def test_lengths_are_those_of_the_protocol() -> None:
    assert (DELEGATION_BYTES, ACCEPTANCE_BYTES, REVOCATION_BYTES) == (195, 194, 162)
    assert [len(item.encode()) for item in KINDS] == [195, 195, 194, 194, 162]


@pytest.mark.parametrize("certificate", KINDS)
def test_every_single_flipped_bit_is_refused(certificate: Certificate) -> None:
    encoded = certificate.encode()
    for bit in range(len(encoded) * 8):
        flipped = bytearray(encoded)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CertificateInvalid):
            decode(bytes(flipped))


@pytest.mark.parametrize("certificate", KINDS)
def test_every_other_length_is_refused(certificate: Certificate) -> None:
    encoded = certificate.encode()
    for length in range(len(encoded)):
        with pytest.raises(CertificateInvalid):
            decode(encoded[:length])
    with pytest.raises(CertificateInvalid):
        decode(encoded + b"\0")


def test_rubbish_is_refused_with_our_own_error() -> None:
    dice = random.Random(1)
    for _ in range(2000):
        length = dice.choice([0, 1, 2, 162, 194, 195, dice.randrange(400)])
        rubbish = dice.randbytes(length)
        if dice.random() < 0.7:
            rubbish = (dice.choice([b"D\1", b"A\1", b"R\1"]) + rubbish)[:length]
        with pytest.raises(CertificateInvalid):
            decode(rubbish)


def test_no_unverified_certificate_can_be_made() -> None:
    delegation = delegate(OWNER, ANN.public, subject("owner"), Power.READ)
    with pytest.raises(CertificateInvalid):
        replace(delegation, power=Power.ADMIN)
    with pytest.raises(CertificateInvalid):
        replace(delegation, signature=b"")
    with pytest.raises(CertificateInvalid):
        replace(delegation, citation=CertificateId(b"short"))


def test_a_signature_of_one_kind_is_worth_nothing_for_another() -> None:
    body = b"R\x01" + OWNER.public + NAMED + NOTHING
    for context in (b"sakya-sync/delegation/1\0", b"sakya-sync/acceptance/1\0", b"\0"):
        with pytest.raises(CertificateInvalid):
            decode(body + OWNER.sign(context, body))


def test_a_reserved_cutoff_is_refused_even_when_signed() -> None:
    body = b"R\x01" + OWNER.public + NAMED + digest("cutoff")
    with pytest.raises(CertificateInvalid, match="reserved"):
        decode(body + OWNER.sign(b"sakya-sync/revocation/1\0", body))


def test_a_citation_makes_another_certificate_of_the_same_grant() -> None:
    plain = delegate(OWNER, ANN.public, subject("owner"), Power.WRITE)
    again = delegate(OWNER, ANN.public, subject("owner"), Power.WRITE)
    citing = delegate(OWNER, ANN.public, subject("owner"), Power.WRITE, NAMED)
    assert plain.id == again.id != citing.id


def test_zeros_cannot_stand_for_a_named_certificate() -> None:
    with pytest.raises(CertificateInvalid):
        delegate(OWNER, ANN.public, subject("owner"), Power.READ, CertificateId(NOTHING))
    with pytest.raises(CertificateInvalid):
        accept(ANN, subject("owner"), sealing_key("ann"), CertificateId(NOTHING))


@pytest.mark.parametrize("point", ["00" * 32, "01" + "00" * 31, "ed" + "ff" * 30 + "7f"])
def test_a_sealing_key_that_nobody_can_hold_is_refused(point: str) -> None:
    for top in (0, 0x80):
        weak = bytes.fromhex(point)
        weak = weak[:31] + bytes([weak[31] | top])
        with pytest.raises(CertificateInvalid, match="small order"):
            accept(ANN, subject("owner"), SealingKey(weak), None)
