import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.ids import KeyId, PeerId
from sakya_sync.limits import COUNTER_MAX
from sakya_sync.record import header as headers
from sakya_sync.record.header import DeltaHeader, Header, SnapshotHeader
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import PEER_ID_MAX, VersionVector
from sakya_sync.wire.varint import Reader

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
