import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.ports import Clock, Entropy
from sakya_sync.system import SystemClock, SystemEntropy

CLOCK: Clock = SystemClock()
DICE: Entropy = SystemEntropy()


def test_the_clock_for_waits_never_goes_back() -> None:
    seen = [CLOCK.now() for _ in range(10_000)]
    assert seen == sorted(seen)


async def test_a_wait_lasts_as_long_as_the_clock_for_waits_says() -> None:
    before = CLOCK.now()
    await CLOCK.sleep(0.02)
    # An event loop wakes up to one tick of its clock early.
    tick = time.get_clock_info("monotonic").resolution
    assert CLOCK.now() - before >= 0.02 - tick


async def test_a_wait_ends_when_it_is_cancelled() -> None:
    wait = asyncio.create_task(CLOCK.sleep(3600))
    await asyncio.sleep(0)
    wait.cancel()
    done, _ = await asyncio.wait([wait], timeout=10)
    assert done == {wait}
    assert wait.cancelled()


def test_the_clock_for_people_counts_milliseconds_since_1970() -> None:
    before = int(time.time() * 1000)
    told = CLOCK.wall_ms()
    after = int(time.time() * 1000)
    assert before - 1 <= told <= after + 1


@given(st.integers(0, 1000))
def test_dice_give_as_many_bytes_as_are_asked_for(count: int) -> None:
    assert len(DICE.bytes(count)) == count


def test_dice_never_give_the_same_nonce_twice() -> None:
    assert len({DICE.bytes(12) for _ in range(10_000)}) == 10_000


def test_dice_use_every_value_of_every_byte() -> None:
    # That one of 256 values is missing from 64 KiB has a chance of about 10**-109.
    assert set(DICE.bytes(65_536)) == set(range(256))
