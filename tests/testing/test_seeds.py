"""Seeds that once found a bug: each world must end well now."""

import pytest

from sakya_sync.testing.story import tell
from sakya_sync.testing.world import run_world

FOUND = {
    "a failed commit on a device took edits with it, and ended all saving": (0, 14, 20, 57, 63),
    "a device with a full disk stayed half open when it was closed": (44, 74),
    "a timer went on after its app was closed": (6, 88),
    "a relay acked what was sent twice before its first copy was durable": (30, 45, 66, 121),
    "a relay that had ended went on to watch a slow connection": (20125,),
    "a relay that once could not write down a ticket let nobody in": (22, 68, 95, 147),
}
SEEDS = sorted(seed for seeds in FOUND.values() for seed in seeds)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_that_found_a_bug_ends_well(seed: int) -> None:
    run_world(seed, tell)
