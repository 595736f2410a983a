"""What a relay counts, for Prometheus. Nothing is counted by person, project or device."""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

SECONDS: Final = (
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)
COUNTS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0)


class Tally:
    """A histogram with one writer, which costs a quarter of a microsecond where
    prometheus_client's, with its locks, costs two."""

    __slots__ = ("_bounds", "_counts", "_total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._total = 0.0

    def add(self, value: float) -> None:
        """One more."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._total += value

    def family(self, name: str, text: str) -> HistogramMetricFamily:
        """As it is served."""
        names = [*map(repr, self._bounds), "+Inf"]
        buckets = list(zip(names, map(float, accumulate(self._counts)), strict=True))
        return HistogramMetricFamily(name, text, buckets=buckets, sum_value=self._total)


class Metrics(Collector):
    """One relay's. Counted on its event loop, but for commits, which its writer thread counts."""

    def __init__(self) -> None:
        self.ack_seconds = Tally(SECONDS)
        self.delivery_seconds = Tally(SECONDS)
        self.commit_seconds = Tally(SECONDS)
        self.commit_batches = Tally(COUNTS)
        self.commits_failed = 0
        self.refused: Counter[tuple[str, str]] = Counter()
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        self._delivering: list[float] = []
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Serve what `read` says at the time."""
        self.gauges[name] = (text, read)

    def committed(self, seconds: float, batches: int, stored: bool) -> None:
        """A group of batches became durable, or did not."""
        self.commit_seconds.add(seconds)
        self.commit_batches.add(batches)
        self.commits_failed += not stored

    def delivered(self, started: float, now: Callable[[], float]) -> None:
        """Something that came at `started` was published: count it once it has been sent."""
        if not self._delivering:
            loop = asyncio.get_running_loop()
            # The fan-out runs at the end of this turn of the loop, the writes in the next.
            loop.call_soon(loop.call_soon, self._sent, now)
        self._delivering.append(started)

    def exposition(self) -> bytes:
        """All of it, in Prometheus's text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client asks for."""
        yield self.ack_seconds.family(
            "sakya_ack_seconds", "From a batch's arrival until it is durable and acked."
        )
        yield self.delivery_seconds.family(
            "sakya_delivery_seconds", "From a batch's arrival until it is sent to those who follow."
        )
        yield self.commit_seconds.family("sakya_commit_seconds", "What a commit takes.")
        yield self.commit_batches.family("sakya_commit_batches", "Batches that share a commit.")
        failed = CounterMetricFamily("sakya_commits_failed", "Commits that stored nothing.")
        failed.add_metric([], self.commits_failed)
        yield failed
        refused = CounterMetricFamily(
            "sakya_refused", "What was not taken, and why.", labels=["what", "reason"]
        )
        for labels, count in sorted(self.refused.items()):
            refused.add_metric(list(labels), count)
        yield refused
        for name, (text, read) in self.gauges.items():
            yield GaugeMetricFamily(name, text, value=read())

    def _sent(self, now: Callable[[], float]) -> None:
        starts, self._delivering = self._delivering, []
        end = now()
        for started in starts:
            self.delivery_seconds.add(end - started)
