"""A trace typed through replica and seal, beside the same trace typed into a plain document."""

import os
from statistics import median
from time import perf_counter

from bench.figure import Figure, ms
from bench.traces import Trace
from sakya_sync.ids import PeerId, RoomId
from sakya_sync.record import versions
from sakya_sync.replica.document import Document
from sakya_sync.replica.replica import Kept, Replica
from sakya_sync.seal.keys import EpochSecret, SigningKey
from sakya_sync.seal.ring import KeyRing

ROOM = RoomId("subject/body")
SECRET = EpochSecret(bytes(32))
KEY = SigningKey(bytes(32))
EDITS_PER_RECORD = 150
"""Records are merged while one is under way or for 150 ms: a sentence or two of fast typing."""
SNAPSHOT_GOAL = 1.25


def measure(trace: Trace, runs: int) -> list[Figure]:
    """Time and bytes."""
    plain = [_plain(trace) for _ in range(runs)]
    ours = [_sealed(trace) for _ in range(runs)]
    plain_bytes, sealed_bytes = plain[0][1], ours[0][2]
    ratio = sealed_bytes / plain_bytes
    edits = f"{len(trace.edits):,} edits ({trace.name})"
    return [
        Figure(
            f"{edits} typed and sealed, {EDITS_PER_RECORD} a record: {ours[0][1]:,} records",
            ms(median(run[0] for run in ours)),
            ms(median(run[0] for run in plain)),
            "",
            None,
        ),
        Figure(
            "what a fresh device downloads of it",
            f"{sealed_bytes:,} bytes ({ratio:.2f} ×)",
            f"{plain_bytes:,} bytes",
            f"≤ {SNAPSHOT_GOAL} ×",
            ratio <= SNAPSHOT_GOAL,
        ),
    ]


def typed(trace: Trace) -> tuple[Replica, list[bytes], int]:
    """A replica with the trace in it, all containers it sent, and how many of them are records."""
    replica = Replica(ROOM, KEY, PeerId(1), KeyRing([(0, SECRET)]), lambda _: True, Kept())
    sent: list[bytes] = []
    for start in range(0, len(trace.edits), EDITS_PER_RECORD):
        with replica.edit() as document:
            for steps in trace.edits[start : start + EDITS_PER_RECORD]:
                document.apply_steps(steps)
        replica.seal(SECRET, _random)
        sent += _send(replica)
    records = len(sent)
    replica.snapshot(SECRET, _random)
    sent += _send(replica)
    assert replica.document.text() == trace.end
    return replica, sent, records


def _sealed(trace: Trace) -> tuple[float, int, int]:
    begun = perf_counter()
    _, sent, records = typed(trace)
    return perf_counter() - begun, records, len(sent[-1])


def _plain(trace: Trace) -> tuple[float, int]:
    begun = perf_counter()
    document = Document(PeerId(1))
    for start in range(0, len(trace.edits), EDITS_PER_RECORD):
        with document.edit():
            for steps in trace.edits[start : start + EDITS_PER_RECORD]:
                document.apply_steps(steps)
    taken = perf_counter() - begun
    return taken, len(document.export_since(versions.EMPTY))


def _send(replica: Replica) -> list[bytes]:
    replica.changes()
    parcels = replica.parcels()
    for parcel in parcels:
        replica.acked(parcel)
    replica.changes()
    return [parcel.container for parcel in parcels]


def _random() -> bytes:
    return os.urandom(32)
