"""What operators copy is as the programs that read it want it, and says only what there is."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from sakya_sync.relay.config import Registration
from sakya_sync.relay.settings import ENVIRONMENT, Settings, load

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = DEPLOY / "sakya-relay.service"
EXPOSURE_MAX = 2.0
VARIABLES = {ENVIRONMENT + item.name.upper() for item in fields(Settings)}
# What Caddy and compose.yaml ask for themselves.
OTHERS = {"SAKYA_HOST", "SAKYA_UPSTREAM"}


def ran(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | environment,
    )


def tool(name: str) -> str:
    """A program that came with the development dependencies, or with the system."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, for the command as it is installed here."""
    text = UNIT.read_text()
    assert "/usr/local/bin/sakya " in text
    copied = tmp_path / UNIT.name
    copied.write_text(
        text.replace("/usr/local/bin/sakya", str(Path(sys.executable).parent / "sakya"))
    )
    return copied


def test_systemd_finds_nothing_to_say_about_the_unit(unit: Path) -> None:
    verified = ran(tool("systemd-analyze"), "verify", unit)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


def test_systemd_would_tell_of_a_key_that_it_does_not_know(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("LockPersonality=", "LockPersonalities="))
    assert "LockPersonalities" in ran(tool("systemd-analyze"), "verify", unit).stderr


def test_the_unit_exposes_little(unit: Path) -> None:
    weighed = ran(tool("systemd-analyze"), "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", weighed.stdout)
    assert found is not None, weighed
    assert float(found[1]) <= EXPOSURE_MAX


def test_the_dockerfile_is_as_its_linter_wants_it() -> None:
    linted = ran(tool("hadolint"), DEPLOY / "Dockerfile")
    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_compose_file_is_as_its_linter_wants_it() -> None:
    linted = ran(tool("yamllint"), "--strict", DEPLOY / "compose.yaml")
    assert (linted.returncode, linted.stdout) == (0, "")


def test_caddy_takes_its_file() -> None:
    caddy = tool("caddy")
    arguments = ("--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile")
    taken = ran(caddy, "validate", *arguments, SAKYA_HOST="localhost")
    assert taken.returncode == 0, taken.stderr
    assert ran(caddy, "fmt", DEPLOY / "Caddyfile").stdout == (DEPLOY / "Caddyfile").read_text()


def test_the_settings_that_are_given_along_are_settings() -> None:
    config = load({"config": DEPLOY / "relay.toml"}, {}).settings.config()
    assert config.registration is Registration.INVITATION
    assert config.public_url == "wss://relay.example"


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "Caddyfile"])
def test_every_variable_that_is_set_is_one_that_is_read(name: str) -> None:
    named = set(re.findall(r"SAKYA_[A-Z_]+", (DEPLOY / name).read_text()))
    assert named
    assert named <= VARIABLES | OTHERS
