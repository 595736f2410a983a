from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.wire.keepalive import PING, PONG, Keepalive, Pulse


def test_a_silent_end_is_asked_twice_and_then_given_up() -> None:
    keepalive = Keepalive(30.0, 10.0, 2)
    keepalive.heard(0.0)
    assert keepalive.tick(29.9) is None
    assert keepalive.tick(30.0) is Pulse.PING
    assert keepalive.tick(39.9) is None
    assert keepalive.tick(40.0) is Pulse.PING
    assert keepalive.tick(50.0) is Pulse.DEAD
    assert keepalive.tick(90.0) is None


def test_anything_heard_is_an_answer() -> None:
    keepalive = Keepalive(30.0, 10.0, 2)
    keepalive.heard(0.0)
    assert keepalive.tick(30.0) is Pulse.PING
    keepalive.heard(35.0)
    assert keepalive.deadline() == 65.0
    assert keepalive.tick(45.0) is None


def test_a_computer_that_slept_asks_again_before_it_gives_up() -> None:
    keepalive = Keepalive(30.0, 10.0, 2)
    keepalive.heard(0.0)
    assert keepalive.tick(10_000.0) is Pulse.PING
    assert keepalive.tick(10_010.0) is Pulse.PING


def test_the_words_are_text() -> None:
    assert (PING, PONG) == ("ping", "pong")


def test_nothing_is_asked_before_the_connection_is_open() -> None:
    keepalive = Keepalive(30.0, 10.0, 2)
    assert keepalive.deadline() is None
    assert keepalive.tick(10_000.0) is None


@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 50)), max_size=60),
    st.integers(1, 4),
)
def test_no_end_is_given_up_before_every_ping_went_unanswered(
    moments: list[tuple[bool, int]], misses: int
) -> None:
    keepalive = Keepalive(30.0, 10.0, misses)
    keepalive.heard(0.0)
    now, unanswered, quiet_since = 0, 0, 0
    for heard, passed in moments:
        now += passed
        if heard:
            keepalive.heard(now)
            unanswered, quiet_since = 0, now
            continue
        pulse = keepalive.tick(now)
        if pulse is Pulse.DEAD:
            assert unanswered == misses
            assert now - quiet_since >= 30 + 10 * misses
            assert keepalive.deadline() is None
            return
        if pulse is Pulse.PING:
            unanswered += 1
            assert unanswered <= misses
            assert keepalive.deadline() == now + 10
