"""`uv run python -m bench.relay.curves`: what a record costs as rooms and records grow.

Through the relay's store alone, in commits of 100 records, each in a room of its own turn.
"""

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import click
from bench.relay.world import Room

from sakya_sync.ids import ChainHead, PeerId, RoomId
from sakya_sync.replica.changes import HeadMoved, OwnerMoved
from sakya_sync.seal.chain import Head
from sakya_sync.seal.sealed import Sealed, parse
from sakya_sync.session.rooms.sealed import Admitted, Appended
from sakya_sync.store.relay.store import RelayBatch, RelayStore

AT_ONCE = 100
WINDOW = 10_000
"""A cost is the mean over so many records."""


@click.command()
@click.option("--records", default=1_000_000, show_default=True)
def main(records: int) -> None:
    """Print both curves as Markdown."""
    click.echo("| rooms | records in the store | µs a record | bytes on disk a record |")
    click.echo("| --- | --- | --- | --- |")
    for rooms in (1_000, 10_000, 100_000):
        for row in asyncio.run(_curve(rooms, records)):
            click.echo(f"| {rooms:,} | " + " | ".join(row) + " |")


async def _curve(rooms: int, records: int) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    with TemporaryDirectory(prefix="sakya-bench-") as directory:
        store = RelayStore(Path(directory))
        batches = _batches(rooms)
        stored = 0
        for mark in _marks(records):
            while stored < mark - WINDOW:
                await store.submit(next(batches))
                stored += AT_ONCE
            begun = perf_counter()
            while stored < mark:
                await store.submit(next(batches))
                stored += AT_ONCE
            taken = (perf_counter() - begun) / WINDOW
            size = sum(path.stat().st_size for path in Path(directory).iterdir()) / stored
            rows.append((f"{stored:,}", f"{1e6 * taken:.1f}", f"{size:.0f}"))
        store.close()
    return rows


def _marks(records: int) -> list[int]:
    marks = [WINDOW]
    while marks[-1] * 10 <= records:
        marks.append(marks[-1] * 10)
    return marks


def _batches(rooms: int) -> Iterator[RelayBatch]:
    """Records that look like those of an author in each room, one after the other."""
    room = Room(0, 1)
    template = parse(room.writers[0].write(os.urandom(200)))
    number = 0
    while True:
        batch = RelayBatch()
        for _ in range(AT_ONCE):
            place, wseq = number % rooms + 1, number // rooms
            if wseq == 0:
                batch.room(place, RoomId(f"room-{place}"), room.subject)
            batch.append(place, _admitted(template, wseq))
            number += 1
        yield batch


def _admitted(template: Sealed, wseq: int) -> Admitted:
    sealed = replace(template, wseq=wseq, raw=os.urandom(16) + template.raw[16:])
    head = Head(template.author, wseq, ChainHead(sealed.raw[:32]))
    moved = (OwnerMoved(PeerId(1), template.author, wseq + 1), HeadMoved(head))
    return Admitted((Appended(sealed),), moved, True)


if __name__ == "__main__":
    main()
