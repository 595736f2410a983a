"""`uv run python -m bench.relay`: measures our relay beside others, and prints the table."""

import click
from bench.readme import commit, machine, put
from bench.relay.generator import BUSY_MAX, Failed
from bench.relay.scenarios import EVERYBODY, SCENARIOS, Scenario, Values
from bench.relay.table import sealed_ratio, table

RUN_SECONDS, QUICK_SECONDS = 3.0, 1.0


@click.command()
@click.option("--quick", is_flag=True, help="One short run of each, for a look.")
@click.option("--runs", default=3, show_default=True, help="Of which the median is shown.")
@click.option("--only", metavar="WORDS", help="Scenarios whose name holds these words.")
@click.option("--write", is_flag=True, help="Put the table into the README.")
def main(quick: bool, runs: int, only: str | None, write: bool) -> None:
    """Measure; every relay in turn, and that as often as there are runs."""
    if write and (quick or only is not None):
        raise click.UsageError("The table is written from a whole run.")
    found: dict[str, dict[str, list[Values]]] = {}
    for scenario in SCENARIOS:
        if only is None or only in scenario.name:
            seconds = QUICK_SECONDS if quick else RUN_SECONDS
            found[scenario.name] = _measured(scenario, 1 if quick else runs, seconds)
    ratios = [f"{ratio:.2f} ({name})" for name, ratio in sealed_ratio(found).items()]
    sealed = f" Sealed as a part of plain, goal ≥ 0.7: {', '.join(ratios)}." if ratios else ""
    shown = (
        f"{table(found)}\n\nMedians (least–most); µs: the relay's CPU for a delivery or an update. "
    )
    shown += f"(D): acks only what is durable.{sealed} On {machine()}, {commit()}."
    click.echo(f"\n{shown}")
    if write:
        put("bench: relay", shown)


def _measured(scenario: Scenario, runs: int, seconds: float) -> dict[str, list[Values]]:
    """The runs of each relay, by its name; they take turns, so that all see the same weather."""
    click.echo(f"\n{scenario.name}")
    found: dict[str, list[Values]] = {server.name: [] for server in EVERYBODY}
    for _ in range(runs):
        for server in scenario.servers:
            try:
                values = scenario.measure(server, seconds)
            except (Failed, RuntimeError) as error:
                click.echo(f"  {server.name}: {error}")
                continue
            found[server.name].append(values)
            click.echo(f"  {server.name}: {_line(values)}")
    return found


def _line(values: Values) -> str:
    busy = values.get("generator", 0.0)
    warning = "; the generator may have been the bottleneck" if busy > BUSY_MAX else ""
    return ", ".join(f"{name} {value:,.4g}" for name, value in values.items()) + warning


if __name__ == "__main__":
    main()
