"""`uv run python -m bench`: measures everything and prints the table."""

import asyncio
from pathlib import Path

import click

from bench import folders, joining, keystrokes
from bench.figure import table
from bench.readme import commit, machine, put
from bench.traces import generated_trace, read_trace


@click.command()
@click.option("--trace", "path", type=click.Path(path_type=Path, exists=True), metavar="FILE")
@click.option("--runs", default=3, show_default=True, help="Of which the median is shown.")
@click.option("--copies", default=40, show_default=True, help="Of the example project.")
@click.option("--write", is_flag=True, help="Put the table into the README.")
def main(path: Path | None, runs: int, copies: int, write: bool) -> None:
    """Measure, beside plain Loro in the same run."""
    trace = generated_trace() if path is None else read_trace(path)
    figures = [
        *keystrokes.measure(trace, runs),
        *asyncio.run(joining.measure(trace, runs)),
        *asyncio.run(folders.measure(copies, runs)),
    ]
    shown = f"{table(figures)}\n\nMedians of {runs} runs and more, on {machine()}, {commit()}."
    click.echo(shown)
    if write:
        put("bench", shown)


if __name__ == "__main__":
    main()
