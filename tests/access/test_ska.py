import random

import pytest

from sakya_sync.access.certificates import NOTHING, accept, delegate, revoke
from sakya_sync.access.epochs import make
from sakya_sync.access.notice import Notice
from sakya_sync.access.power import Power
from sakya_sync.access.ska import AccessRecord, decode_access_record
from sakya_sync.errors import CertificateInvalid, WireError
from sakya_sync.ids import KeyId

from .people import sealing_key, signing_key, subject

OWNER = signing_key("owner")
GRANTED = delegate(OWNER, signing_key("ann").public, subject("owner"), Power.READ)
RECORDS: list[AccessRecord] = [
    GRANTED,
    accept(OWNER, subject("owner"), sealing_key("owner"), None),
    revoke(OWNER, GRANTED.id),
    make(OWNER, subject("owner"), 0, KeyId(b"abcdefghijk"), NOTHING, []),
    Notice((("home", bytes(8)),)),
]


@pytest.mark.parametrize("record", RECORDS)
def test_an_update_is_known_by_its_tag(record: AccessRecord) -> None:
    assert decode_access_record(record.encode()) == record


def test_rubbish_is_refused_with_our_own_errors() -> None:
    dice = random.Random(6)
    for _ in range(3000):
        source = dice.choice(RECORDS).encode() if dice.random() < 0.5 else dice.randbytes(300)
        damaged = bytearray(source[: dice.randrange(len(source) + 1)])
        if damaged and dice.random() < 0.5:
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        try:
            record = decode_access_record(bytes(damaged))
        except (CertificateInvalid, WireError):
            continue
        assert record.encode() == damaged


@pytest.mark.parametrize("update", [b"", b"D", b"X\x01", b"N", b"E", b"D\x02"])
def test_unknown_and_empty_updates_are_refused(update: bytes) -> None:
    with pytest.raises((CertificateInvalid, WireError)):
        decode_access_record(update)
