from sakya_sync.limits import BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_MIN
from sakya_sync.session.backoff import Backoff


def test_waits_grow_from_100_ms_to_30_s_and_a_success_begins_anew() -> None:
    backoff = Backoff(lambda: 0.999_999)
    waits = [backoff.next_seconds() for _ in range(40)]
    assert BACKOFF_SECONDS_MIN < waits[0] <= 2 * BACKOFF_SECONDS_MIN
    assert waits == sorted(waits)
    assert abs(waits[-1] - BACKOFF_SECONDS_MAX) < 0.001
    backoff.succeeded()
    assert backoff.next_seconds() == waits[0]


def test_devices_that_lost_one_relay_come_back_spread_out() -> None:
    dice = iter([0.1, 0.5, 0.9])
    waits = [Backoff(lambda: next(dice)).next_seconds() for _ in range(3)]
    assert len(set(waits)) == 3
    assert Backoff(lambda: 0.0).next_seconds() == BACKOFF_SECONDS_MIN
