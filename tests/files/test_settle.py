from sakya_sync.files.settle import Settler
from sakya_sync.limits import EOF_RACE_SECONDS, SETTLE_SECONDS


def test_a_file_settles_once_it_has_looked_the_same_for_a_while() -> None:
    settler = Settler()
    settler.note("a", 10, 1, 10, 0.0)
    assert not settler.settled("a", SETTLE_SECONDS / 2)
    settler.note("a", 11, 2, 10, SETTLE_SECONDS / 2)
    assert not settler.settled("a", SETTLE_SECONDS)
    assert settler.settled("a", SETTLE_SECONDS * 1.5)


def test_a_file_that_was_suddenly_emptied_is_given_time() -> None:
    settler = Settler()
    settler.note("a", 0, 1, 1000, 0.0)
    assert not settler.settled("a", SETTLE_SECONDS * 2)
    assert settler.deadline() == EOF_RACE_SECONDS
    assert settler.settled("a", EOF_RACE_SECONDS)
    settler.forget("a")
    assert settler.deadline() is None
