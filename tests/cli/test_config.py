"""What a relay is told can be looked at before it starts."""

import tomllib
from pathlib import Path

from process.command import device


def test_the_settings_are_shown_as_their_file_spells_them_with_their_origins(
    tmp_path: Path,
) -> None:
    operator = device(tmp_path, "operator")
    file = tmp_path / "relay.toml"
    file.write_text('data = "kept"\ntrusted-proxy = ["127.0.0.1"]\n')
    flags = ("--config", file, "--listen", "127.0.0.1:0")
    for command in (("config", "show"), ("relay", "config", "show")):
        shown = operator.ok(*command, *flags, "--origin").out
        assert tomllib.loads(shown)["trusted-proxy"] == ["127.0.0.1"]
        assert f'data = "kept"  # {file}' in shown
        assert 'listen = "127.0.0.1:0"  # --listen' in shown
    told = operator.ok("config", "show", *flags, "--json").object()
    assert told["settings"]["data"] == "kept"
    assert told["origins"]["registration"] == "default"


def test_a_wrong_setting_is_told_before_anything_starts(tmp_path: Path) -> None:
    operator = device(tmp_path, "operator")
    told = operator.run("relay", "serve", "--listen", "127.0.0.1:0", "--json")
    assert told.status == 2
    assert told.object()["error"]["code"] == "setting-invalid"
    assert "--data" in told.object()["error"]["message"]
