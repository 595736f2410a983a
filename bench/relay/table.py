"""The table of medians and spread, with the goals."""

from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeAlias

from bench.relay.scenarios import EVERYBODY, SCENARIOS, Values
from bench.relay.servers import HOCUSPOCUS, PLAIN, SEALED, SIMPLE, WEBSOCKETS, Y_WEBSOCKET, Server

Found: TypeAlias = Mapping[str, Mapping[str, list[Values]]]
"""Runs by scenario and relay."""
Check: TypeAlias = Callable[[Found, str], tuple[str, bool] | None]
FAN_OUT, FIVE, ONE, ROOMS, SLOW, STEADY, IDLE, JOINS = (one.name for one in SCENARIOS)
CRDT_SERVERS = (SIMPLE, HOCUSPOCUS, Y_WEBSOCKET)


def table(found: Found) -> str:
    """In Markdown."""
    head = ["", *(f"{one.name}{' (D)' if one.durable else ''}" for one in EVERYBODY)]
    lines = [_row([*head, "goal", "met"]), _row(["---"] * (len(head) + 2))]
    for scenario, figure, check in ROWS:
        if scenario not in found:
            continue
        cells = [_cell(found, scenario, server, figure) for server in EVERYBODY]
        goal, met = check(found, figure) or ("", None)
        mark = {True: "yes", False: "no", None: ""}[met]
        lines.append(_row([f"{scenario}: {figure}", *cells, goal, mark]))
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(found: Found, scenario: str, server: Server, figure: str) -> str:
    values = [run[figure] for run in found[scenario].get(server.name, []) if figure in run]
    if not values:
        return ""
    if len(values) == 1:
        return _number(values[0])
    return f"{_number(median(values))} ({_number(min(values))}–{_number(max(values))})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _value(found: Found, scenario: str, server: Server, figure: str) -> float | None:
    values = [run[figure] for run in found.get(scenario, {}).get(server.name, []) if figure in run]
    return median(values) if values else None


def _times(scenario: str, plain: float, best: float = 0.0, simple: float = 0.0) -> Check:
    """At least so many times the others' figures."""

    def check(found: Found, figure: str) -> tuple[str, bool] | None:
        ours = _value(found, scenario, PLAIN, figure)
        relay = _value(found, scenario, WEBSOCKETS, figure)
        rivals = [_value(found, scenario, one, figure) for one in CRDT_SERVERS]
        known = [value for value in rivals if value is not None]
        stock = _value(found, scenario, SIMPLE, figure)
        if ours is None or relay is None:
            return None
        parts = [f"≥ {plain:g} × the plain relay ({ours / relay:.2g})"]
        met = ours >= plain * relay
        if best and known:
            parts.append(f"≥ {best:g} × the best CRDT server ({ours / max(known):.2g})")
            met = met and ours >= best * max(known)
        if simple and stock:
            parts.append(f"≥ {simple:g} × SimpleServer ({ours / stock:.2g})")
            met = met and ours >= simple * stock
        return ", ".join(parts), met

    return check


def _at_most(scenario: str, bound: float) -> Check:
    def check(found: Found, figure: str) -> tuple[str, bool] | None:
        ours = _value(found, scenario, PLAIN, figure)
        return None if ours is None else (f"≤ {bound:g}", ours <= bound)

    return check


def _at_least(scenario: str, bound: float) -> Check:
    def check(found: Found, figure: str) -> tuple[str, bool] | None:
        ours = _value(found, scenario, PLAIN, figure)
        return None if ours is None else (f"≥ {bound:g}", ours >= bound)

    return check


def _of_itself(part: float) -> Check:
    def check(found: Found, figure: str) -> tuple[str, bool] | None:
        slow, fast = _value(found, SLOW, PLAIN, figure), _value(found, ROOMS, PLAIN, figure)
        if slow is None or fast is None:
            return None
        return f"≥ {part:g} × its own without ({slow / fast:.2g})", slow >= part * fast

    return check


def _none(_found: Found, _figure: str) -> None:
    return None


def sealed_ratio(found: Found) -> dict[str, float]:
    """How fast sealed rooms are, as a part of plain ones, where both were measured."""
    ratios = {}
    for scenario, figure in ((FAN_OUT, "deliveries/s"), (ROOMS, "updates/s")):
        sealed = _value(found, scenario, SEALED, figure)
        plain = _value(found, scenario, PLAIN, figure)
        if sealed is not None and plain is not None:
            ratios[scenario] = sealed / plain
    return ratios


ROWS: tuple[tuple[str, str, Check], ...] = (
    (FAN_OUT, "deliveries/s", _times(FAN_OUT, 6, best=8)),
    (FAN_OUT, "µs", _none),
    (FAN_OUT, "p50 ms", _none),
    (FAN_OUT, "p99 ms", _none),
    (FIVE, "deliveries/s", _times(FIVE, 14)),
    (ONE, "deliveries/s", _times(ONE, 1)),
    (ROOMS, "updates/s", _times(ROOMS, 1.6, best=2.4, simple=7)),
    (ROOMS, "µs", _none),
    (SLOW, "updates/s", _of_itself(0.8)),
    (STEADY, "ack p50 ms", _at_most(STEADY, 1)),
    (STEADY, "ack p99 ms", _at_most(STEADY, 10)),
    (IDLE, "KiB a connection", _at_most(IDLE, 12)),
    (IDLE, "connections/s", _at_least(IDLE, 4_000)),
    (JOINS, "GB/s", _at_least(JOINS, 1)),
    (JOINS, "warm ms", _at_most(JOINS, 10)),
    (JOINS, "cold ms", _at_most(JOINS, 40)),
)
