import contextlib
import random

import loro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.ids import PeerId
from sakya_sync.limits import COUNTER_MAX, VERSION_PEERS_MAX
from sakya_sync.record import versions
from sakya_sync.record.versions import PEER_ID_MAX, VersionVector
from sakya_sync.wire.varint import encode_uvarint

vectors = st.dictionaries(
    st.integers(0, 2**64 - 2).map(PeerId), st.integers(1, 2**31 - 1), max_size=8
).map(VersionVector)


@given(vectors)
def test_a_version_reads_back(version: VersionVector) -> None:
    assert versions.decode(versions.encode(version)) == version


@given(vectors)
def test_loro_reads_ours_and_we_read_loros(version: VersionVector) -> None:
    theirs = loro.VersionVector.decode(versions.encode(version))
    assert versions.decode(bytes(theirs.encode())) == version


def test_the_printed_example_of_the_stock_client() -> None:
    assert versions.encode(VersionVector({PeerId(111): 11})).hex() == "016f16"
    assert versions.encode(versions.EMPTY) == b"\x00"


def test_the_order_of_peers_does_not_matter() -> None:
    assert versions.decode(bytes.fromhex("0202040106")) == versions.decode(
        bytes.fromhex("0201060204")
    )


@given(vectors, vectors, vectors)
def test_merging_is_a_least_upper_bound(
    a: VersionVector, b: VersionVector, c: VersionVector
) -> None:
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a
    assert a.merge(b).includes(a)


@given(st.binary(max_size=60))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with contextlib.suppress(RecordError):
        versions.decode(rubbish)


def listed(*entries: tuple[int, int]) -> bytes:
    rows = [encode_uvarint(peer) + encode_uvarint(zigzag) for peer, zigzag in entries]
    return encode_uvarint(len(entries)) + b"".join(rows)


@given(vectors, st.randoms())
def test_a_version_in_any_order_is_the_same_version(
    version: VersionVector, dice: random.Random
) -> None:
    entries = [(int(peer), counter << 1) for peer, counter in version.items()]
    dice.shuffle(entries)
    decoded = versions.decode(listed(*entries))
    assert decoded == version
    assert hash(decoded) == hash(version)
    assert versions.encode(decoded) == versions.encode(version)


@pytest.mark.parametrize(
    "spoiled",
    [
        b"",
        b"\x01",
        b"\xff\xff",
        b"\x00\x00",
        listed((1, 2), (1, 4)),
        listed((1, 1)),
        listed((1, 2 * COUNTER_MAX + 2)),
        listed((PEER_ID_MAX + 1, 2)),
        b"\x01\x81\x00\x02",
        b"VEVE",
    ],
)
def test_what_is_no_version_is_refused(spoiled: bytes) -> None:
    with pytest.raises(RecordError):
        versions.decode(spoiled)


def test_the_greatest_peer_and_counter_are_let_in() -> None:
    greatest = VersionVector({PeerId(PEER_ID_MAX): COUNTER_MAX})
    assert versions.decode(listed((PEER_ID_MAX, 2 * COUNTER_MAX))) == greatest


def test_a_version_names_only_so_many_peers() -> None:
    entries = [(peer, 2) for peer in range(VERSION_PEERS_MAX + 1)]
    assert len(versions.decode(listed(*entries[:-1]))) == VERSION_PEERS_MAX
    with pytest.raises(RecordError):
        versions.decode(listed(*entries))


def test_a_peer_at_0_is_as_good_as_unknown() -> None:
    at_0 = versions.decode(listed((1, 0)))
    assert at_0 == versions.EMPTY
    assert PeerId(1) not in at_0
    assert at_0.get(PeerId(1)) == 0
    assert versions.encode(at_0) == b"\x00"


@given(vectors, vectors)
def test_two_that_include_each_other_are_equal(a: VersionVector, b: VersionVector) -> None:
    assert a.includes(a)
    assert a.includes(versions.EMPTY)
    assert (a.includes(b) and b.includes(a)) == (a == b)
    assert a.includes(b) == (a.merge(b) == a)


@given(vectors, st.integers(0, 5), st.integers(0, 9))
def test_advancing_never_goes_back_and_leaves_the_old_one_as_it_was(
    version: VersionVector, peer: int, end: int
) -> None:
    before = dict(version.items())
    further = version.advance(PeerId(peer), end)
    assert further.get(PeerId(peer)) == max(end, version.get(PeerId(peer)))
    assert further.includes(version)
    assert dict(version.items()) == before


def test_a_version_is_not_equal_to_other_things() -> None:
    assert versions.EMPTY != {}
    assert repr(VersionVector({PeerId(2): 1, PeerId(1): 3})) == "VersionVector({1: 3, 2: 1})"
