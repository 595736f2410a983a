"""What is measured of every relay."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from bench.relay import cast, generator
from bench.relay.cast import Cast
from bench.relay.generator import Failed, Load, Report
from bench.relay.servers import (
    HOCUSPOCUS,
    PLAIN,
    SEALED,
    SIMPLE,
    WEBSOCKETS,
    Y_WEBSOCKET,
    Running,
    Server,
    running,
)

Values: TypeAlias = dict[str, float]
"""What one run found, by the name of the figure."""
OURS = (PLAIN, SEALED)
WHO_ACK = (*OURS, WEBSOCKETS, SIMPLE, HOCUSPOCUS)
"""y-websocket does not; where several write, nothing tells one of them that its update is in."""
EVERYBODY = (*WHO_ACK, Y_WEBSOCKET)
SEALED_RECORD_BYTES = 200
IDLE_CONNECTIONS = 10_000
SMALL_RECORDS = 20_000
LARGE_RECORD_BYTES = 200_000
LARGE_RECORDS = 250
JOINS = 5


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row, or a few that come from the same run."""

    name: str
    servers: tuple[Server, ...]
    measure: Callable[[Server, float], Values]
    """A run of so many seconds. Raises Failed."""


def _work(server: Server, rooms: Cast, load: Load, *, slow: bool = False) -> tuple[Report, float]:
    """A report, and the server's seconds of CPU."""
    load = replace(load, protocol=server.protocol, characters=cast.CHARACTERS_OF_YJS)
    # What has to be prepared is prepared before; tickets hold for a minute only.
    server.dialect(rooms)
    with running(server, slow=slow) as relay:
        used: list[float] = []
        report = generator.run(
            relay.port, server.dialect(rooms), load, lambda: used.append(relay.cpu_seconds())
        )
        if not report.complete:
            raise Failed("not everything arrived")
        return report, relay.cpu_seconds() - used[0]


def _fan_out(writers: int, window: int) -> Callable[[Server, float], Values]:
    def measure(server: Server, seconds: float) -> Values:
        updates = int((26_000 if server in OURS else 9_000) * (seconds + 1) / writers)
        load = Load(window=window, seconds=seconds)
        report, cpu = _work(server, Cast(1, writers, 100, updates), load)
        values = {
            "deliveries/s": report.delivered / report.seconds,
            "generator": report.busy,
            "µs": 1e6 * cpu / max(1, report.delivered) * report.seconds / (report.seconds + 0.5),
        }
        if writers == 1:
            values |= {"p50 ms": report.delivery_us[0] / 1e3, "p99 ms": report.delivery_us[1] / 1e3}
        return values

    return measure


def _rooms(count: int, *, slow: bool = False) -> Callable[[Server, float], Values]:
    def measure(server: Server, seconds: float) -> Values:
        updates = int(40_000 * (seconds + 1) / count) + 2
        load = Load(window=1, seconds=seconds)
        report, cpu = _work(server, Cast(count, 1, 1, updates), load, slow=slow)
        return {
            "updates/s": report.acked / report.seconds,
            "generator": report.busy,
            "µs": 1e6 * cpu / max(1, report.acked) * report.seconds / (report.seconds + 0.5),
        }

    return measure


def _steady(server: Server, seconds: float) -> Values:
    load = Load(rate=4_000, seconds=seconds)
    report, _ = _work(server, Cast(1_000, 1, 1, int(4 * (seconds + 1)) + 1), load)
    return {
        "ack p50 ms": report.ack_us[0] / 1e3,
        "ack p99 ms": report.ack_us[1] / 1e3,
        "generator": report.busy,
    }


def _idle(server: Server, _seconds: float) -> Values:
    with running(server) as relay:
        before = relay.memory_bytes()
        connections = cast.idle(IDLE_CONNECTIONS)
        with generator.held_open(relay.port, connections, server.protocol) as seconds:
            held = relay.memory_bytes() - before
    return {
        "KiB a connection": held / IDLE_CONNECTIONS / 1024,
        "connections/s": IDLE_CONNECTIONS / seconds,
    }


def _joins(server: Server, _seconds: float) -> Values:
    values: Values = {}
    for name, records, size in (
        ("GB/s", LARGE_RECORDS, LARGE_RECORD_BYTES),
        ("ms", SMALL_RECORDS, SEALED_RECORD_BYTES),
    ):
        with TemporaryDirectory(prefix="sakya-bench-") as directory:
            data = Path(directory)
            fill = Cast(1, 1, 0, records, size)
            server.dialect(fill)
            with running(server, data) as relay:
                load = Load(window=64, seconds=60, warm_up=0)
                generator.run(relay.port, server.dialect(fill), load, lambda: None)
                warm = _join_times(server, relay, records)
            with running(server, data) as relay:
                cold = _join_times(server, relay, records)
        if name == "GB/s":
            seconds, received = cold[0]
            values["GB/s"] = received / seconds / 1e9
        else:
            values["warm ms"] = sorted(warm)[len(warm) // 2][0] * 1e3
            values["cold ms"] = cold[0][0] * 1e3
    return values


def _join_times(server: Server, relay: Running, records: int) -> list[tuple[float, int]]:
    joining = server.dialect(Cast(1, 1, JOINS, 0, new_to_relay=False))
    readers = [one for one in joining if not one.writes]
    return generator.run_joins(relay.port, readers, records).joins


SCENARIOS = (
    Scenario("one room, 1 writer, 16 in flight → 100 readers", EVERYBODY, _fan_out(1, 16)),
    Scenario("one room, 5 writers, 16 in flight each → 100 readers", WHO_ACK, _fan_out(5, 16)),
    Scenario("one room, 1 writer, 1 in flight → 100 readers", EVERYBODY, _fan_out(1, 1)),
    Scenario("1,000 rooms, 1 writer → 1 reader", EVERYBODY, _rooms(1_000)),
    Scenario("the same, 4 ms added to every sync", OURS, _rooms(1_000, slow=True)),
    Scenario("4,000 updates/s over 1,000 rooms", EVERYBODY, _steady),
    Scenario("10,000 idle connections", (PLAIN, *EVERYBODY[2:]), _idle),
    Scenario("joins: 50 MB, and 20,000 small records", OURS, _joins),
)
