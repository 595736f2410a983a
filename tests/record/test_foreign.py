import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.ids import PeerId
from sakya_sync.record.foreign import ForeignDelta, ForeignSnapshot, parse
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector

from .strangers import delta, snapshot


def test_a_delta_says_which_span_it_holds() -> None:
    parsed = parse(delta(3, 9, peer=b"18446744073709551611"))
    assert isinstance(parsed, ForeignDelta)
    assert parsed.span == Span(PeerId(18446744073709551611), 3, 9)


@pytest.mark.parametrize("peer", [b"ada", b"007", b"\xff\x00", b"9" * 20, b"18446744073709551615"])
def test_a_peer_that_no_version_vector_can_name_has_no_span(peer: bytes) -> None:
    parsed = parse(delta(3, 9, peer=peer))
    assert isinstance(parsed, ForeignDelta)
    assert parsed.span is None


def test_a_snapshot_says_which_version_it_holds() -> None:
    parsed = parse(snapshot({b"7": 9, b"12": 1, b"ada": 4}))
    assert isinstance(parsed, ForeignSnapshot)
    assert parsed.version == VersionVector({PeerId(7): 9, PeerId(12): 1})
    empty = parse(snapshot({}))
    assert isinstance(empty, ForeignSnapshot)
    assert len(empty.version) == 0


def test_the_nonce_names_key_and_iv_together() -> None:
    first = parse(delta(0, 1, iv="same"))
    assert first.nonce == parse(snapshot({b"7": 3}, iv="same")).nonce
    assert first.nonce != parse(delta(0, 1, iv="other")).nonce
    assert first.nonce != parse(delta(0, 1, iv="same", key_id=b"k2")).nonce


WHOLE = delta(3, 9)
WRONG = {
    "nothing": b"",
    "an unknown kind": b"\x02" + WHOLE[1:],
    "cut off": WHOLE[:-1],
    "something behind it": WHOLE + b"\x00",
    "an empty span": delta(3, 3),
    "a span backwards": delta(4, 3),
    "a counter beyond all": delta(0, 2**31),
    "no peer": delta(0, 1, peer=b""),
    "a long peer": delta(0, 1, peer=b"p" * 65),
    "a long key id": delta(0, 1, key_id=b"k" * 65),
    "no tag": delta(0, 1, ciphertext=b"short"),
    "a peer twice": b"\x01\x02\x017\x01\x017\x02" + snapshot({})[2:],
    "a short iv": b"\x00\x017\x00\x01\x02k1\x0b" + bytes(11) + b"\x10" + bytes(16),
}


@pytest.mark.parametrize("raw", WRONG.values(), ids=WRONG)
def test_what_is_no_record_is_refused(raw: bytes) -> None:
    with pytest.raises(RecordError):
        parse(raw)


@given(st.binary(max_size=120))
def test_rubbish_gives_our_own_error(rubbish: bytes) -> None:
    try:
        parse(rubbish)
    except RecordError:
        return
    assert rubbish[0] in (0, 1)
