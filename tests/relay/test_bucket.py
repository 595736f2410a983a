"""So much in a second, and a burst of ten seconds' worth."""

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.relay.bucket import BUCKETS_KEPT, BURST_SECONDS, Bucket, Buckets


def test_a_burst_is_let_through_and_then_so_much_in_a_second() -> None:
    bucket = Bucket(2.0, now=100.0)
    for _ in range(int(2 * BURST_SECONDS)):
        assert bucket.wait_seconds(100.0) == 0
        bucket.spend(1, 100.0)
    assert 0 < bucket.wait_seconds(100.0) < 0.01
    assert bucket.wait_seconds(100.01) == 0
    bucket.spend(6, 100.01)
    assert 2.9 < bucket.wait_seconds(100.01) < 3.1


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 40)), max_size=60))
def test_no_order_of_spending_brings_more_than_the_rate_and_one_burst(
    steps: list[tuple[float, int]],
) -> None:
    bucket, now, spent = Bucket(3.0, 0.0), 0.0, 0
    for wait, amount in steps:
        now += wait
        if bucket.wait_seconds(now) == 0:
            bucket.spend(amount, now)
            spent += amount
    assert spent <= 3.0 * (now + BURST_SECONDS) + 40


@given(st.floats(0.01, 1e4), st.integers(1, 100_000))
def test_whoever_waits_as_long_as_told_may_spend(rate: float, amount: int) -> None:
    bucket = Bucket(rate, 0.0)
    bucket.spend(amount + rate * BURST_SECONDS, 0.0)
    assert bucket.wait_seconds(bucket.wait_seconds(0.0) * (1 + 1e-9)) == 0


def test_those_who_spend_no_more_are_forgotten() -> None:
    buckets = Buckets(1.0)
    for number in range(10 * BUCKETS_KEPT):
        buckets.of(number, float(number)).spend(1, float(number))
    assert len(buckets) <= BUCKETS_KEPT
    last = 10 * BUCKETS_KEPT - 1
    assert not buckets.of(last, float(last)).full(float(last))
