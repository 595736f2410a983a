"""Snapshots on a chart: counted, and gathered where they are too close to be told apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from sakya_sync.history.curve import Frame
from sakya_sync.history.timeline import Pin


@dataclass(frozen=True, slots=True)
class Numbered:
    """A snapshot, with its place among those that a person named, from 1; None for automatic."""

    number: int | None
    pin: Pin


@dataclass(frozen=True, slots=True)
class Cluster:
    """Snapshots in one place, oldest first: where the latest is, 0 at the left to 1."""

    across: float
    pins: tuple[Numbered, ...]


def numbered(pins: Sequence[Pin]) -> tuple[Numbered, ...]:
    """Oldest first, those with a name of a person's choice counted from 1."""
    found = []
    number = 0
    for pin in sorted(pins, key=lambda pin: pin.at_ms):
        number += not pin.automatic
        found.append(Numbered(None if pin.automatic else number, pin))
    return tuple(found)


def clustered(pins: Sequence[Pin], frame: Frame, apart: float) -> tuple[Cluster, ...]:
    """Snapshots by their place, left to right; no cluster is wider than `apart`."""
    groups: list[list[Numbered]] = []
    for found in numbered(pins):
        first = groups[-1][0].pin if groups else None
        if first and frame.across(found.pin.at_ms) - frame.across(first.at_ms) <= apart:
            groups[-1].append(found)
        else:
            groups.append([found])
    return tuple(Cluster(frame.across(group[-1].pin.at_ms), tuple(group)) for group in groups)
