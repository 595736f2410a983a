import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.ids import KeyId
from sakya_sync.seal.keys import EpochSecret, key_id
from sakya_sync.seal.ring import KeyRing

ONE, TWO, THREE = (EpochSecret(letter * 32) for letter in (b"1", b"2", b"3"))

rings = st.lists(
    st.tuples(st.integers(0, 2**32 - 1), st.binary(min_size=32, max_size=32).map(EpochSecret)),
    max_size=5,
).map(KeyRing)


@given(rings)
def test_a_ring_reads_back(ring: KeyRing) -> None:
    assert KeyRing.decode(ring.encode()) == ring


def test_secrets_are_found_by_their_name() -> None:
    ring = KeyRing([(0, ONE), (1, TWO)])
    assert ring.by_id(key_id(TWO)) == TWO
    assert key_id(ONE) in ring
    assert ring.by_id(KeyId(b"x" * 11)) is None


def test_the_highest_epoch_is_current_and_epoch_0_stays_first() -> None:
    ring = KeyRing([(1, TWO), (0, ONE)]).with_secret(1, THREE)
    assert ring.current == (1, TWO)
    assert ring.first == ONE
    assert ring.with_secret(1, TWO) is ring
    assert len(KeyRing()) == 0
    assert KeyRing().current is None


def test_a_damaged_ring_is_refused_and_no_secret_is_shown() -> None:
    encoded = KeyRing([(0, ONE)]).encode()
    twice = b"\x02\x00" + encoded[2:] * 2
    for spoiled in (encoded[:-1], encoded + b"x", b"", twice):
        with pytest.raises(RecordError):
            KeyRing.decode(spoiled)
    assert "1111" not in repr(KeyRing([(0, ONE)]))
