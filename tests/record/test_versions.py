import contextlib

import loro
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.ids import PeerId
from sakya_sync.record import versions
from sakya_sync.record.versions import VersionVector

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
