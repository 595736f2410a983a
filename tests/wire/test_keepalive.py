from sakya_sync.wire.keepalive import Keepalive, Pulse


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
