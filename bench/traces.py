"""Editing traces: what somebody typed, edit by edit."""

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path

from sakya_sync.replica.steps import Delete, Insert, Retain, Step

GENERATED_EDITS = 20_000


@dataclass(frozen=True, slots=True)
class Trace:
    """Edits, each as steps, and the text they end in."""

    name: str
    edits: list[tuple[Step, ...]]
    end: str


def read_trace(path: Path) -> Trace:
    """A file as josephg/editing-traces has them: transactions of [position, deleted, inserted]."""
    raw = path.read_bytes()
    data = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    edits = [
        _steps(position, deleted, inserted)
        for transaction in data["txns"]
        for position, deleted, inserted in transaction["patches"]
    ]
    return Trace(path.name.partition(".")[0], edits, data["endContent"])


def generated_trace(seed: int = 1) -> Trace:
    """A writer who mostly goes on, sometimes goes back, and sometimes takes a letter away."""
    dice = random.Random(seed)
    edits: list[tuple[Step, ...]] = []
    text: list[str] = []
    position = 0
    for _ in range(GENERATED_EDITS):
        if dice.random() < 0.02:
            position = dice.randint(0, len(text))
        if position and dice.random() < 0.1:
            position -= 1
            del text[position]
            edits.append(_steps(position, 1, ""))
        else:
            letter = dice.choice("eeeeaaattooinsrhl   ,.\n")
            text.insert(position, letter)
            edits.append(_steps(position, 0, letter))
            position += 1
    return Trace("generated", edits, "".join(text))


def _steps(position: int, deleted: int, inserted: str) -> tuple[Step, ...]:
    steps: list[Step] = [Retain(position)] if position else []
    if deleted:
        steps.append(Delete(deleted))
    if inserted:
        steps.append(Insert(inserted))
    return tuple(steps)
