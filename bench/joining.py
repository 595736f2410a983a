"""A fresh device joins a document that a whole trace was typed into."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.figure import Figure, ms
from bench.stage import stage
from bench.traces import Trace
from sakya_sync.client.documents import Documents
from sakya_sync.client.ports import Ports
from sakya_sync.client.recovering import enter_with_words
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.ids import PeerId
from sakya_sync.replica.document import Document
from sakya_sync.seal.recovery import words

GOAL_SECONDS = 0.15
EDITS_PER_RECORD = 2_000
PROJECT = "bench"


async def measure(trace: Trace, runs: int) -> list[Figure]:
    """Time from a device that has nothing but its keys to the whole text, over loopback."""
    with TemporaryDirectory(prefix="sakya-bench-") as directory:
        async with stage(Path(directory)) as here:
            home = here.home("writer")
            async with Documents.open(PROJECT, relay=here.url, home=home) as documents:
                document = await documents.document("book")
                for start in range(0, len(trace.edits), EDITS_PER_RECORD):
                    with document.edit():
                        for steps in trace.edits[start : start + EDITS_PER_RECORD]:
                            document._room.document.apply_steps(steps)
                    await documents.wait_synced()
                snapshot = document._room.document.export_snapshot()
            kit = open_vault(home).recovery
            assert kit is not None
            taken = []
            for number in range(runs):
                fresh = here.home(f"fresh-{number}")
                await enter_with_words(here.url, words(kit), home=fresh, ports=Ports.real())
                begun = perf_counter()
                async with Documents.open(PROJECT, relay=here.url, home=fresh) as documents:
                    book = await documents.document("book")
                    await documents.wait_synced()
                    assert book._room.document.text() == trace.end
                    taken.append(perf_counter() - begun)
    plain = []
    for _ in range(runs):
        begun = perf_counter()
        assert Document(PeerId(2), snapshot).text() == trace.end
        plain.append(perf_counter() - begun)
    ours, theirs = median(taken), median(plain)
    return [
        Figure(
            f"a fresh device opens the project and fetches that document ({trace.name})",
            ms(ours),
            ms(theirs),
            f"≤ {ms(GOAL_SECONDS)} more",
            ours - theirs <= GOAL_SECONDS,
        )
    ]
