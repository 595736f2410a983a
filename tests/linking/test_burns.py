import pytest

from sakya_sync.errors import LinkingLocked
from sakya_sync.linking.burns import BURNS_MAX, LOCK_MS, Burns

NOW_MS = 1_800_000_000_000


def burnt(times: int, now_ms: int = NOW_MS) -> Burns:
    burns = Burns()
    for _ in range(times):
        burns = burns.burnt(now_ms)
    return burns


def test_three_burnt_codes_lock_for_ten_minutes() -> None:
    burnt(BURNS_MAX - 1).check(NOW_MS)
    with pytest.raises(LinkingLocked) as caught:
        burnt(BURNS_MAX).check(NOW_MS)
    assert "10 minutes" in caught.value.message
    with pytest.raises(LinkingLocked):
        burnt(BURNS_MAX).check(NOW_MS + LOCK_MS - 1)
    burnt(BURNS_MAX).check(NOW_MS + LOCK_MS)


def test_old_burns_are_forgotten() -> None:
    later = NOW_MS + LOCK_MS
    assert burnt(2).burnt(later).count == 1
    assert burnt(2).burnt(later - 1).count == 3


def test_a_clock_set_back_does_not_lock_for_longer() -> None:
    burnt(BURNS_MAX).check(NOW_MS - 1)


@pytest.mark.parametrize("times", [0, 1, 3, 300])
def test_burns_are_kept(times: int) -> None:
    kept = Burns.decode(burnt(times).encode())
    assert kept == Burns(min(times, 255), NOW_MS if times else 0)


@pytest.mark.parametrize("kept", [None, b"", b"x", bytes(10)])
def test_what_cannot_be_read_counts_as_none(kept: bytes | None) -> None:
    assert Burns.decode(kept) == Burns()
