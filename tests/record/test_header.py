import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.ids import KeyId, PeerId
from sakya_sync.limits import COUNTER_MAX, VERSION_PEERS_MAX
from sakya_sync.record import header as headers
from sakya_sync.record.header import DeltaHeader, Header, SnapshotHeader
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import PEER_ID_MAX, VersionVector
from sakya_sync.wire.varint import Reader, encode_uvarint, encode_varbytes

KEY = KeyId(b"abcdefghijk")
IV = bytes(12)

peers = st.integers(0, PEER_ID_MAX).map(PeerId)
counters = st.integers(1, COUNTER_MAX)
deltas = st.builds(
    lambda peer, ends: DeltaHeader(Span(peer, min(ends), max(ends)), KEY, IV),
    peers,
    st.sets(st.integers(0, COUNTER_MAX), min_size=2, max_size=2),
)
snapshots = st.dictionaries(peers, counters, max_size=6).map(
    lambda ends: SnapshotHeader(VersionVector(ends), KEY, IV)
)


@given(st.one_of(deltas, snapshots))
def test_a_header_has_one_encoding_and_it_reads_back(header: Header) -> None:
    encoded = headers.encode(header)
    reader = Reader(encoded, RecordError)
    assert headers.decode(reader) == header
    assert reader.remaining == 0


@given(st.binary(max_size=80))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with contextlib.suppress(RecordError):
        headers.decode(Reader(rubbish, RecordError))


def test_peers_of_a_snapshot_are_in_the_order_of_their_text() -> None:
    header = SnapshotHeader(VersionVector({PeerId(9): 1, PeerId(10): 1}), KEY, IV)
    assert header.peers == (10, 9)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda e: e.replace(b"\x0217", b"\x03017"),
        lambda e: e.replace(b"\x0217", b"\x02+1"),
        lambda e: e.replace(b"\x0217", b"\x14" + b"9" * 20),
        lambda e: e.replace(b"\x0217\x03\x05", b"\x0217\x05\x05"),
        lambda e: b"\x02" + e[1:],
        lambda e: e[:-1],
    ],
)
def test_a_header_that_is_not_canonical_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    encoded = headers.encode(DeltaHeader(Span(PeerId(17), 3, 5), KEY, IV))
    assert spoil(encoded) != encoded
    with pytest.raises(RecordError):
        headers.decode(Reader(spoil(encoded), RecordError))


def tail() -> bytes:
    return encode_varbytes(KEY) + encode_varbytes(IV)


def snapshot(*entries: tuple[bytes, int]) -> bytes:
    listed = b"".join(encode_varbytes(peer) + encode_uvarint(end) for peer, end in entries)
    return b"\x01" + encode_uvarint(len(entries)) + listed + tail()


def delta(peer: bytes, start: int, end: int) -> bytes:
    span = encode_varbytes(peer) + encode_uvarint(start) + encode_uvarint(end)
    return b"\x00" + span + tail()


def read(encoded: bytes) -> Header:
    return headers.decode(Reader(encoded, RecordError))


def test_headers_are_laid_out_as_the_protocol_says() -> None:
    assert headers.encode(DeltaHeader(Span(PeerId(17), 3, 5), KEY, IV)) == delta(b"17", 3, 5)
    version = VersionVector({PeerId(9): 1, PeerId(10): 300})
    assert headers.encode(SnapshotHeader(version, KEY, IV)) == snapshot((b"10", 300), (b"9", 1))


@given(st.one_of(deltas, snapshots), st.data())
def test_what_is_read_as_a_header_has_no_other_encoding(
    header: Header, data: st.DataObject
) -> None:
    changed = bytearray(headers.encode(header))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(changed) - 1))
        changed[position] ^= 1 << data.draw(st.integers(0, 7))
    reader = Reader(bytes(changed), RecordError)
    with contextlib.suppress(RecordError):
        assert headers.encode(headers.decode(reader)) == reader.since(0)


@given(st.one_of(deltas, snapshots))
def test_a_header_cut_short_is_refused(header: Header) -> None:
    encoded = headers.encode(header)
    for size in range(len(encoded)):
        with pytest.raises(RecordError):
            read(encoded[:size])


@pytest.mark.parametrize(
    "spoiled",
    [
        snapshot((b"9", 1), (b"10", 1)),
        snapshot((b"10", 1), (b"10", 1)),
        snapshot((b"", 1)),
        snapshot((b"10", 0)),
        snapshot((b"10", COUNTER_MAX + 1)),
        snapshot((b"%d" % (PEER_ID_MAX + 1), 1)),
        delta(b"", 0, 1),
        delta(b"-1", 0, 1),
        delta(b"00", 0, 1),
        delta("١".encode(), 0, 1),
        delta(b"%d" % (PEER_ID_MAX + 1), 0, 1),
        delta(b"1" * 21, 0, 1),
        delta(b"1", 2, 1),
        delta(b"1", 0, COUNTER_MAX + 1),
        delta(b"1", 0, 1)[: -len(tail())] + encode_varbytes(KEY[:-1]) + encode_varbytes(IV),
        delta(b"1", 0, 1)[: -len(tail())] + encode_varbytes(KEY + b"a") + encode_varbytes(IV),
        delta(b"1", 0, 1)[: -len(tail())] + encode_varbytes(KEY) + encode_varbytes(IV[:-1]),
        delta(b"1", 0, 1)[: -len(tail())] + encode_varbytes(KEY) + encode_varbytes(IV + b"a"),
    ],
)
def test_a_header_outside_the_rules_is_refused(spoiled: bytes) -> None:
    with pytest.raises(RecordError):
        read(spoiled)


def test_the_greatest_peer_and_counter_are_let_in() -> None:
    greatest = delta(b"%d" % PEER_ID_MAX, COUNTER_MAX - 1, COUNTER_MAX)
    span = Span(PeerId(PEER_ID_MAX), COUNTER_MAX - 1, COUNTER_MAX)
    assert read(greatest) == DeltaHeader(span, KEY, IV)
    assert read(delta(b"0", 0, 1)) == DeltaHeader(Span(PeerId(0), 0, 1), KEY, IV)


def test_a_snapshot_names_only_so_many_peers() -> None:
    entries = [(b"%d" % peer, 1) for peer in range(VERSION_PEERS_MAX + 1)]
    most = read(snapshot(*sorted(entries[:-1])))
    assert isinstance(most, SnapshotHeader)
    assert len(most.version) == VERSION_PEERS_MAX
    with pytest.raises(RecordError):
        read(snapshot(*sorted(entries)))


def test_a_reader_is_left_behind_the_header() -> None:
    reader = Reader(delta(b"1", 0, 1) + b"rest", RecordError)
    headers.decode(reader)
    assert reader.take(4) == b"rest"
