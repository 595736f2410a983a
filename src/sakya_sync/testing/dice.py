"""Seeded dice: the same names give the same throws, on every Python and under any hash seed."""

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of throws that no other stream disturbs. `bytes` makes it `ports.Entropy`."""

    def __init__(self, *names: str | int) -> None:
        """Args: names: a seed, and what the throws are for."""
        digest = blake2b("/".join(map(str, names)).encode(), digest_size=16).digest()
        self._random = Random(int.from_bytes(digest, "little"))  # noqa: S311  # not for secrets

    def bytes(self, count: int) -> bytes:
        """That many bytes."""
        return self._random.randbytes(count)

    def chance(self, probability: float) -> bool:
        """True as often as that."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        """A number from low to high."""
        return low + (high - low) * self._random.random()

    def below(self, count: int) -> int:
        """A whole number from 0, `count` not included."""
        return int(self._random.random() * count)

    def pick(self, things: Sequence[T]) -> T:
        """One of these."""
        return things[self.below(len(things))]

    def weighed(self, things: Sequence[tuple[T, float]]) -> T:
        """One of these, by weight."""
        left = self.between(0.0, sum(weight for _, weight in things))
        for thing, weight in things:
            left -= weight
            if left < 0:
                return thing
        return things[-1][0]
