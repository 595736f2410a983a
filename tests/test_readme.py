"""The README's examples run as they stand, and the type checker accepts them."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from sakya_sync.client.documents import Documents
from sakya_sync.client.founding import found_project
from sakya_sync.client.home import Home
from sakya_sync.relay.config import RelayConfig
from sakya_sync.relay.server import Relay
from sakya_sync.system import SystemClock
from typecheck import check_types

ROOT = Path(__file__).parents[1]
LINES_MAX = 20


def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)


async def run_example(text: str, folder: Path, home: Home) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        text,
        cwd=folder,
        env={**os.environ, "SAKYA_HOME": str(home.path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, errors.decode()
    return output.decode()


async def test_the_example_with_a_folder_edits_and_syncs_it(tmp_path: Path) -> None:
    folder, home = tmp_path / "my-novel", Home(tmp_path / "home")
    shutil.copytree(ROOT / "examples" / "the-salt-road", folder)
    config = RelayConfig("127.0.0.1", 0, tmp_path / "relay")
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        found_project(folder, relay.url, None, home=home)
        output = await run_example(examples()[0], tmp_path, home)
    assert output.startswith("my-novel")
    assert "They reach Corrow by night.\n" in (folder / "notes" / "plot.md").read_text("utf-8")


async def test_the_example_without_a_folder_keeps_a_document(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    config = RelayConfig("127.0.0.1", 0, tmp_path / "relay")
    async with Relay(config, clock=SystemClock(), quiet=True) as relay:
        text = examples()[1].replace("ws://127.0.0.1:7450", relay.url)
        output = await run_example(text, tmp_path, home)
        assert "Riesling 2021" in output
        async with Documents.open("cellar", relay=relay.url, home=home) as documents:
            wines = await documents.document("wines")
            assert wines.value()["bottles"] == ["Riesling 2021"]


@pytest.mark.parametrize("text", examples(), ids=["folder", "documents"])
def test_examples_are_short_and_typed(text: str, tmp_path: Path) -> None:
    assert len([line for line in text.splitlines() if line.strip()]) <= LINES_MAX
    checked = check_types(text, tmp_path)
    assert checked.returncode == 0, checked.stdout
