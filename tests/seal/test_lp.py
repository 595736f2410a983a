from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.seal.lp import lp


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_joined_bytes_come_apart_in_one_way(one: list[bytes], other: list[bytes]) -> None:
    joined = b"".join(map(lp, one)) == b"".join(map(lp, other))
    assert joined == (one == other)
