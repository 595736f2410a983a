from sakya_sync.limits import BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_MIN
from sakya_sync.session.backoff import RETRY_HINT, Backoff, hinted_seconds


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


def test_a_relay_that_restarts_may_say_when_to_come_back() -> None:
    assert hinted_seconds(f"the relay stops; {RETRY_HINT}1700") == 1.7
    assert hinted_seconds(f"{RETRY_HINT}0") == BACKOFF_SECONDS_MIN
    assert hinted_seconds(f"{RETRY_HINT}999999999") == BACKOFF_SECONDS_MAX
    for reason in ("", "gone", RETRY_HINT, f"{RETRY_HINT}-5", f"{RETRY_HINT}{'9' * 400}"):
        assert hinted_seconds(reason) is None
