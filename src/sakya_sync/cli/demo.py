"""`sakya demo`: two devices and a relay, in a few seconds."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from sakya_sync.cli.options import output_options
from sakya_sync.cli.output import Output
from sakya_sync.errors import LocalFault


@click.command(name="demo")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Work in DIR and leave everything there to look at.",
)
@output_options
def command(keep: Path | None, output: Output) -> None:
    """Watch two devices keep a novel in sync through a relay that can read none of it."""
    from sakya_sync.cli.demonstration import Finding, demonstrate

    def tell(finding: Finding) -> None:
        mark = click.style("✓" if finding.holds else "✗", fg="green" if finding.holds else "red")
        output.say(f"{mark} {finding.claim}")
        for line in finding.details:
            output.say(click.style(f"    {line}", dim=True))

    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        findings = asyncio.run(demonstrate(keep, tell))
    else:
        with TemporaryDirectory(prefix="sakya-demo-") as directory:
            findings = asyncio.run(demonstrate(Path(directory), tell))
    if not all(finding.holds for finding in findings):
        failed = next(finding.claim for finding in findings if not finding.holds)
        raise LocalFault(f"the demo did not show that {failed}")
    output.result(findings=[asdict(finding) for finding in findings])
    output.say()
    output.say("Now with your own: see `sakya relay serve --help` and `sakya init --help`.")
