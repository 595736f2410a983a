import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordRejected
from sakya_sync.seal.compression import COMPRESSED_FROM_BYTES, deflate, inflate


@given(st.binary(max_size=3000))
def test_what_was_made_shorter_comes_back(payload: bytes) -> None:
    packed = deflate(payload)
    if packed is not None:
        assert len(packed) < len(payload)
        assert inflate(packed, len(payload)) == payload


def test_short_payloads_stay_as_they_are() -> None:
    assert deflate(b"a" * (COMPRESSED_FROM_BYTES - 1)) is None
    assert deflate(b"a" * COMPRESSED_FROM_BYTES) is not None


def test_nothing_unpacks_to_more_than_it_said() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(10_000_000)) + packer.flush()
    assert len(bomb) < 10_200
    for said in (0, 1, 1000, 9_999_999, 10_000_001):
        with pytest.raises(RecordRejected):
            inflate(bomb, said)
    with pytest.raises(RecordRejected):
        inflate(bomb + b"x", 10_000_000)


@pytest.mark.parametrize("said", [0, 1, 100_000])
def test_what_unpacks_to_more_than_it_said_takes_no_memory_beyond_that(said: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(10_000_000)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(RecordRejected):
            inflate(bomb, said)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * said + 500_000


@given(st.binary(max_size=100), st.integers(0, 200))
def test_rubbish_gives_our_error_only(body: bytes, said: int) -> None:
    try:
        assert len(inflate(body, said)) == said
    except RecordRejected:
        return
