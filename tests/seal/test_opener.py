from dataclasses import replace

import pytest

from sakya_sync.errors import RecordRejected
from sakya_sync.seal.keys import EpochSecret
from sakya_sync.seal.opener import open_sealed
from sakya_sync.seal.sealed import parse

from .vectors import CASES, ROOM, SECRET, Case


@pytest.mark.parametrize("case", CASES, ids=[case.why for case in CASES])
def test_a_printed_record_opens_to_what_is_printed(case: Case) -> None:
    opened = open_sealed(parse(case.raw), SECRET, ROOM)
    assert opened.payload == case.payload
    assert [[s.author_prefix.hex(), s.wseq, s.chain.hex()] for s in opened.seen] == (
        case.values["seen"]
    )


def test_a_failed_open_says_only_that_it_failed() -> None:
    sealed = parse(CASES[0].raw)
    spoiled = replace(sealed, raw=sealed.raw[:-1] + bytes((sealed.raw[-1] ^ 1,)))
    reasons = set()
    for record, secret in (
        (sealed, EpochSecret(bytes(32))),
        (replace(sealed, commitment=bytes(32)), SECRET),
        (spoiled, SECRET),
    ):
        with pytest.raises(RecordRejected) as caught:
            open_sealed(record, secret, ROOM)
        reasons.add(str(caught.value))
    assert len(reasons) == 1


def test_the_commitment_is_checked_before_the_box_is_touched() -> None:
    # A box that cannot even be handed to the cipher: with a wrong commitment nobody tries.
    sealed = parse(CASES[0].raw)
    hollow = replace(sealed, commitment=bytes(32), nonce=b"")
    with pytest.raises(RecordRejected):
        open_sealed(hollow, SECRET, ROOM)
