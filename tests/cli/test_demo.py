"""The demo shows what it says."""

from pathlib import Path

from process.command import device


def test_the_demo_succeeds(tmp_path: Path) -> None:
    shown = device(tmp_path, "laptop").run("demo", "--json")
    assert shown.status == 0, shown
    told = shown.object()
    assert told["ok"] is True
    assert told["findings"]
    assert all(finding["holds"] for finding in told["findings"])
