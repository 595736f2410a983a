import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded, RecordRejected
from sakya_sync.ids import AuthorId, ChainHead, PublicKey
from sakya_sync.limits import PAYLOAD_BYTES_MAX
from sakya_sync.seal.chain import Head
from sakya_sync.seal.inner import SnapshotView, decode_inner, encode_inner
from sakya_sync.seal.padding import is_padded

HEAD = Head(AuthorId(PublicKey(b"a" * 32)), 7, ChainHead(b"c" * 32))
VIEW = SnapshotView(3, ChainHead(b"s" * 32))


@given(st.binary(max_size=1000), st.booleans(), st.booleans(), st.booleans())
def test_what_was_said_is_read(payload: bytes, seen: bool, view: bool, compress: bool) -> None:
    inner = encode_inner(payload, [HEAD] if seen else [], VIEW if view else None, compress=compress)
    opened = decode_inner(inner)
    assert is_padded(len(inner))
    assert opened.payload == payload
    assert opened.snapshot_view == (VIEW if view else None)
    assert [(s.author_prefix, s.wseq, s.chain) for s in opened.seen] == (
        [(b"a" * 8, 7, b"c" * 32)] if seen else []
    )


def test_padding_is_zeros_and_of_one_length() -> None:
    inner = encode_inner(b"payload", (), None, compress=False)
    for spoiled in (inner[:-1] + b"\x01", inner + b"\0", inner[:-1]):
        with pytest.raises(RecordRejected):
            decode_inner(spoiled)


@given(st.binary(max_size=400))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with pytest.raises(RecordRejected):
        decode_inner(b"\xf8" + rubbish)
    try:
        decode_inner(rubbish)
    except RecordRejected:
        return


def test_payloads_are_bounded() -> None:
    with pytest.raises(LimitExceeded):
        encode_inner(bytes(PAYLOAD_BYTES_MAX + 1), (), None, compress=False)
