"""A setting is what the nearest source says: a flag, else the environment, else the file."""

import re
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from sakya_sync.errors import AddressInvalid, SettingInvalid
from sakya_sync.relay.config import Registration, TlsFiles
from sakya_sync.relay.settings import Settings, load, markdown, setting_name
from sakya_sync.wire.messages import Permission

NEEDED = {"listen": "127.0.0.1:0", "data": "kept"}
ROOT = Path(__file__).parents[2]


def written(tmp_path: Path, text: str) -> dict[str, object]:
    """Flags that name a file with this text."""
    path = tmp_path / "relay.toml"
    path.write_text(text)
    return {"config": path}


def test_a_flag_comes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'listen = "file:1"\ndata = "file"\nregistration = "closed"')
    found = load(file | {"listen": "flag:3"}, {"SAKYA_LISTEN": "env:2", "SAKYA_DATA": "env"})
    settings = found.settings
    assert (settings.listen, settings.data, settings.registration) == ("flag:3", "env", "closed")
    origins = {item.name: item.origin for item in found.shown}
    assert origins["listen"] == "--listen"
    assert origins["data"] == "SAKYA_DATA"
    assert origins["registration"] == str(file["config"])
    assert origins["admin"] == "default"


def test_the_environment_can_name_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'listen = "file:1"\ndata = "file"')["config"]
    assert load({}, {"SAKYA_CONFIG": str(path)}).settings.listen == "file:1"


def test_every_setting_can_be_made_in_each_way(tmp_path: Path) -> None:
    given: dict[str, object] = {
        "listen": "127.0.0.1:1",
        "data": "d",
        "public_url": "wss://relay.example",
        "admin": ":2",
        "tls_certificate": "c",
        "tls_key": "k",
        "trusted_proxy": ("10.0.0.0/8", "::1"),
        "registration": "invitation",
        "plain_rooms": True,
        "plain_token": ("ada:write", "a:b:read"),
        "log_level": "error",
    }
    given |= {item.name: 7 for item in fields(Settings) if item.name not in given}

    def plain(value: object) -> str:
        return ",".join(value) if isinstance(value, tuple) else str(value)

    def toml(value: object) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        return repr(list(value) if isinstance(value, tuple) else value).replace("'", '"')

    lines = [f"{name.replace('_', '-')} = {toml(value)}" for name, value in given.items()]
    environment = {f"SAKYA_{name.upper()}": plain(value) for name, value in given.items()}
    by_flags = load(given, {}).settings
    assert by_flags == load({}, environment).settings
    assert by_flags == load(written(tmp_path, "\n".join(lines)), {}).settings
    config = by_flags.config()
    assert config.admin == ("127.0.0.1", 2)
    assert config.tls == TlsFiles(Path("c"), Path("k"))
    assert config.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))
    assert config.registration is Registration.INVITATION
    assert config.quotas.address_joins_per_second == 7
    assert config.plain_rooms
    assert config.plain_tokens == {"ada": Permission.WRITE, "a:b": Permission.READ}


@pytest.mark.parametrize(
    ("setting", "environment"),
    [
        ("listen", {}),
        ("subject-bytes", {"SAKYA_SUBJECT_BYTES": "many"}),
        ("subject-bytes", {"SAKYA_SUBJECT_BYTES": "-1"}),
        ("registration", {"SAKYA_REGISTRATION": "friends"}),
        ("tls-certificate", {"SAKYA_TLS_KEY": "key.pem"}),
        ("trusted-proxy", {"SAKYA_TRUSTED_PROXY": "caddy"}),
        ("plain-rooms", {"SAKYA_PLAIN_ROOMS": "perhaps"}),
        ("plain-token", {"SAKYA_PLAIN_TOKEN": "ada"}),
        ("plain-token", {"SAKYA_PLAIN_TOKEN": "ada:admin"}),
        ("config", {"SAKYA_CONFIG": "no-such-file"}),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(setting: str, environment: dict[str, str]) -> None:
    needed = {} if setting == "listen" else NEEDED
    with pytest.raises(SettingInvalid) as raised:
        load(needed, environment).settings.config()
    assert raised.value.details["setting"] == setting


@pytest.mark.parametrize(
    ("setting", "text"),
    [("lissten", 'lissten = "a:1"'), ("config", "listen = "), ("data", "data = 3.5")],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, setting: str, text: str) -> None:
    with pytest.raises(SettingInvalid) as raised:
        load(written(tmp_path, text) | {"listen": "a:1"}, {})
    assert raised.value.details["setting"] == setting


def test_an_address_that_is_none_is_refused() -> None:
    for wrong in ({"listen": "here"}, {"listen": ":7450"}, {"admin": "localhost"}):
        with pytest.raises(AddressInvalid):
            load(NEEDED | wrong, {}).settings.config()


def test_the_page_for_operators_lists_every_setting() -> None:
    text = (ROOT / "docs" / "operators.md").read_text("utf-8")
    shown = re.search(r"<!-- table: settings -->\n(.*?)\n<!-- /table -->", text, re.DOTALL)
    assert shown is not None
    assert shown[1] == markdown()
    assert all(setting_name(item) in markdown() for item in fields(Settings))
