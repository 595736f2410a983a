import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded, RecordRejected
from sakya_sync.ids import AuthorId, ChainHead, PublicKey
from sakya_sync.limits import PAYLOAD_BYTES_MAX, SEEN_MAX
from sakya_sync.seal.chain import Head
from sakya_sync.seal.compression import deflate
from sakya_sync.seal.inner import SnapshotView, decode_inner, encode_inner
from sakya_sync.seal.padding import is_padded, padded_length
from sakya_sync.wire.varint import encode_uvarint

HEAD = Head(AuthorId(PublicKey(b"a" * 32)), 7, ChainHead(b"c" * 32))
VIEW = SnapshotView(3, ChainHead(b"s" * 32))
PACKED = deflate(b"a" * 100) or b""
PACKED_BYTES = bytes((len(PACKED),))


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


def laid_out(
    flags: int, raw_length: bytes, seen: bytes, body_length: bytes, body: bytes, view: bytes = b""
) -> bytes:
    """An inner of these parts, rightly padded, whatever they say."""
    inner = bytes((flags,)) + raw_length + seen + view + body_length + body
    return inner + bytes(padded_length(len(inner)) - len(inner))


def test_the_parts_of_an_inner_are_where_the_protocol_says() -> None:
    view = VIEW.number.to_bytes(4, "little") + VIEW.chain
    seen = b"\1" + b"a" * 8 + b"\7\0\0\0" + b"c" * 32
    expected = laid_out(4, b"\3", seen, b"\3", b"abc", view)
    assert encode_inner(b"abc", [HEAD], VIEW, compress=True) == expected
    expected = laid_out(1, b"\x64", b"\0", PACKED_BYTES, PACKED)
    assert encode_inner(b"a" * 100, (), None, compress=True) == expected


def test_flags_that_nobody_knows_are_refused() -> None:
    for flags in range(256):
        view = bytes(36) if flags & 4 else b""
        if flags & 3 == 1:
            inner = laid_out(flags, b"\x64", b"\0", PACKED_BYTES, PACKED, view)
        else:
            inner = laid_out(flags, b"\3", b"\0", b"\3", b"abc", view)
        if flags in (0, 1, 4, 5):
            assert decode_inner(inner).payload == (b"a" * 100 if flags & 1 else b"abc")
        else:
            with pytest.raises(RecordRejected):
                decode_inner(inner)


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(laid_out(0, b"\4", b"\0", b"\3", b"abc"), id="says more than it holds"),
        pytest.param(laid_out(0, b"\2", b"\0", b"\3", b"abc"), id="says less than it holds"),
        pytest.param(laid_out(1, b"\x65", b"\0", PACKED_BYTES, PACKED), id="unpacks to less"),
        pytest.param(laid_out(1, b"\x63", b"\0", PACKED_BYTES, PACKED), id="unpacks to more"),
        pytest.param(laid_out(1, b"\0", b"\0", PACKED_BYTES, PACKED), id="unpacks from nothing"),
        pytest.param(
            laid_out(1, b"\x64", b"\0", bytes((len(PACKED) + 1,)), PACKED + b"x"),
            id="a byte behind what unpacks",
        ),
        pytest.param(
            laid_out(1, b"\x64", b"\0", bytes((len(PACKED) - 1,)), PACKED[:-1]),
            id="the end of what unpacks is missing",
        ),
        pytest.param(
            laid_out(1, encode_uvarint(PAYLOAD_BYTES_MAX + 1), b"\0", PACKED_BYTES, PACKED),
            id="says that it unpacks to more than any payload",
        ),
        pytest.param(laid_out(0, b"\x83\0", b"\0", b"\3", b"abc"), id="an overlong length"),
        pytest.param(laid_out(0, b"\3", b"\x80\0", b"\3", b"abc"), id="an overlong count"),
        pytest.param(laid_out(0, b"\3", b"\0", b"\x83\0", b"abc"), id="an overlong body length"),
        pytest.param(laid_out(0, b"\3", b"\0", b"\xff\xff\3", b"abc"), id="a body past the end"),
        pytest.param(laid_out(0, b"\3", b"\7", b"\3", b"abc"), id="heads past the end"),
        pytest.param(laid_out(0, b"", b"", b"", b"\x80" * 20), id="a number without end"),
        pytest.param(
            laid_out(0, b"\0", encode_uvarint(SEEN_MAX + 1) + bytes(44 * (SEEN_MAX + 1)),
                     b"\0", b""),
            id="too many heads",
        ),
        pytest.param(encode_inner(b"abc", (), None, compress=True) + bytes(16), id="a step more"),
    ],
)  # fmt: skip
def test_an_inner_against_the_rules_is_refused(inner: bytes) -> None:
    with pytest.raises(RecordRejected):
        decode_inner(inner)


def test_as_many_heads_are_attested_as_there_may_be() -> None:
    assert len(decode_inner(encode_inner(b"", [HEAD] * SEEN_MAX, None, compress=True)).seen) == (
        SEEN_MAX
    )
    with pytest.raises(LimitExceeded):
        encode_inner(b"", [HEAD] * (SEEN_MAX + 1), None, compress=True)


def test_an_inner_cut_at_any_length_is_refused() -> None:
    for payload in (b"", b"payload", bytes(range(256)) * 3):
        inner = encode_inner(payload, [HEAD], VIEW, compress=False)
        for size in range(len(inner)):
            with pytest.raises(RecordRejected):
                decode_inner(inner[:size])


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
