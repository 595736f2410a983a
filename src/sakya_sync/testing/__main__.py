"""`python -m sakya_sync.testing`: run worlds from fresh seeds, or one again."""

import argparse
import secrets
import sys
from time import monotonic

from sakya_sync.testing.stories import STORIES
from sakya_sync.testing.world import Violation, run_world


def main(arguments: list[str] | None = None) -> int:
    """0 when every world ended well."""
    parser = argparse.ArgumentParser(prog="python -m sakya_sync.testing", description=__doc__)
    parser.add_argument("--story", choices=sorted(STORIES), help="which story; all, if left out")
    parser.add_argument("--seed", type=int, help="where to begin; a fresh seed, if left out")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds to run")
    parser.add_argument("--minutes", type=float, help="go on for so long instead")
    parser.add_argument("--trace", action="store_true", help="print all that happens")
    chosen = parser.parse_args(arguments)
    stories = sorted(STORIES) if chosen.story is None else [chosen.story]
    seed = secrets.randbits(32) if chosen.seed is None else chosen.seed
    begun, worlds, events, failed = monotonic(), 0, 0, 0
    while _goes_on(chosen, worlds // len(stories), monotonic() - begun):
        for story in stories:
            worlds += 1
            try:
                world = run_world(seed, STORIES[story], story)
            except Violation as violation:
                failed += 1
                print(f"seed {seed} of {story}: {violation}\n", flush=True)
            else:
                events += len(world.trace.lines)
                if chosen.trace:
                    print("\n".join(world.trace.lines))
        seed += 1
    seconds = monotonic() - begun
    print(
        f"{worlds} worlds, {failed} with a bug; {events} events in {seconds:.1f} s, "
        f"{events / seconds:.0f} a second"
    )
    return 1 if failed else 0


def _goes_on(chosen: argparse.Namespace, rounds: int, seconds: float) -> bool:
    if chosen.minutes is not None:
        return bool(seconds < chosen.minutes * 60)
    return bool(rounds < chosen.seeds)


if __name__ == "__main__":
    sys.exit(main())
