"""Each planted bug is found by some world; so worlds that end well mean something."""

import pytest

from sakya_sync.testing.stories import STORIES
from sakya_sync.testing.world import Violation, run_world

from .planted import PLANTED, Plant

SEEDS = 100
FOUND_AT = {
    "what_is_held_is_acked_at_once": 45,
    "a_failed_ticket_stops_the_relay": 22,
    "pending_edits_are_not_restored": 14,
    "timers_outlive_their_app": 6,
    "a_silent_relay_is_waited_for": 300,
    "relay_believes_what_it_could_not_store": 7,
}
"""Where to look first, for speed only: the others are tried as well."""

CASES = [(story, plant) for story, plants in PLANTED.items() for plant in plants]


@pytest.mark.parametrize(("story", "plant"), CASES, ids=[plant.__name__ for _, plant in CASES])
def test_a_planted_bug_is_found(story: str, plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    first = FOUND_AT.get(plant.__name__, 0)
    for seed in (first, *(seed for seed in range(SEEDS) if seed != first)):
        try:
            run_world(seed, STORIES[story])
        except Violation:
            return
    pytest.fail(f"{SEEDS} worlds of {story} saw nothing of it")


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 20
