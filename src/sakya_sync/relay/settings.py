"""A relay's settings: from flags, else from `SAKYA_*`, else from a TOML file, else as here.

Spec: docs/operators.md#settings.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args, get_origin, get_type_hints

import msgspec

from sakya_sync.errors import SettingInvalid
from sakya_sync.relay.addresses import parse_address
from sakya_sync.relay.config import Quotas, Registration, RelayConfig, TlsFiles
from sakya_sync.wire.messages import Permission

ENVIRONMENT: Final = "SAKYA_"
CONFIG_FILE: Final = "config"

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


def _setting(shape: str, text: str, default: Any = MISSING) -> Any:
    meta = {"shape": shape, "help": text}
    return field(metadata=meta) if default is MISSING else field(metadata=meta, default=default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """As an operator writes them. `public_url` is `--public-url`, and `public-url` in the file."""

    listen: str = _setting("HOST:PORT", "Where to listen.")
    data: str = _setting(
        "DIR", "Where to keep everything; one directory is all there is to back up."
    )
    public_url: str | None = _setting(
        "URL",
        "What devices call this relay; ws://HOST:PORT if left out. Tickets are made out to it.",
        None,
    )
    admin: str | None = _setting(
        "[HOST]:PORT",
        "Where to serve health and metrics; on loopback, if HOST is left out.",
        None,
    )
    tls_certificate: str | None = _setting(
        "FILE", "A certificate chain in PEM; read again on SIGHUP.", None
    )
    tls_key: str | None = _setting("FILE", "The certificate's key in PEM.", None)
    trusted_proxy: tuple[str, ...] = _setting(
        "NETWORK", "A proxy whose X-Forwarded-For is believed, as address or network.", ()
    )
    registration: Literal["open", "invitation", "closed"] = _setting(
        "WHOM", "Who may begin an account: open, invitation or closed.", "open"
    )
    subject_bytes: Count = _setting("BYTES", "What a project may store; 0 for any amount.", 0)
    subject_rooms: Count = _setting("COUNT", "The rooms a project may have; 0 for any number.", 0)
    subject_records_per_second: Count = _setting(
        "COUNT", "The records a project may store in a second; 0 for any number.", 0
    )
    address_connections: Count = _setting(
        "COUNT", "The connections an address may have; 0 for any number.", 0
    )
    address_joins_per_second: Count = _setting(
        "COUNT", "The joins an address may ask for in a second; 0 for any number.", 0
    )
    plain_rooms: bool = _setting(
        "true or false",
        "Also serve rooms that are not sealed, to any client of the Loro Protocol.",
        False,
    )
    plain_token: tuple[str, ...] = _setting(
        "NAME:read or NAME:write",
        "What plain rooms are joined with; without any, everybody may write.",
        (),
    )
    log_level: Literal["info", "warning", "error"] = _setting(
        "LEVEL", "The least that is logged: info, warning or error.", "info"
    )

    def config(self) -> RelayConfig:
        """Checked as a whole. Raises SettingInvalid, AddressInvalid."""
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise SettingInvalid("a certificate and its key go together", setting="tls-certificate")
        host, port = parse_address(self.listen)
        return RelayConfig(
            host,
            port,
            Path(self.data),
            self.public_url,
            None if self.admin is None else parse_address(self.admin, host="127.0.0.1"),
            None
            if self.tls_certificate is None or self.tls_key is None
            else TlsFiles(Path(self.tls_certificate), Path(self.tls_key)),
            tuple(map(_network, self.trusted_proxy)),
            Registration(self.registration),
            Quotas(
                self.subject_bytes,
                self.subject_rooms,
                self.subject_records_per_second,
                self.address_connections,
                self.address_joins_per_second,
            ),
            self.log_level,
            self.plain_rooms,
            dict(map(_token, self.plain_token)),
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as it is now, and where that was said."""

    name: str
    value: object
    origin: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found."""

    settings: Settings
    shown: tuple[Shown, ...]


def setting_name(item: Field[Any]) -> str:
    """How a setting is spelled in the file, and after `--`."""
    return item.name.replace("_", "-")


def markdown() -> str:
    """The settings as a Markdown table."""
    rows = [
        f"| `{setting_name(item)}` | `{item.metadata['shape']}` | {item.metadata['help']} |"
        for item in fields(Settings)
    ]
    return "\n".join(["| setting | value | what it says |", "|---|---|---|", *rows])


def load(flags: Mapping[str, object], environment: Mapping[str, str]) -> Loaded:
    """Put the sources together.

    Args: flags: by the names of the fields; None for one that was not given.
    Raises: SettingInvalid, naming the source.
    """
    kinds = get_type_hints(Settings, include_extras=True)
    file = flags.get(CONFIG_FILE) or environment.get(f"{ENVIRONMENT}CONFIG")
    written = {} if file is None else _read(Path(str(file)))
    unknown = set(written) - {setting_name(item) for item in fields(Settings)}
    if unknown:
        raise SettingInvalid(f"{file} knows no such setting", setting=min(unknown))
    values: dict[str, Any] = {}
    shown: list[Shown] = []
    for item in fields(Settings):
        name = setting_name(item)
        variable = ENVIRONMENT + item.name.upper()
        given = flags.get(item.name)
        if given is not None and given != ():
            value, origin = given, f"--{name}"
        elif variable in environment:
            value, origin = _split(environment[variable], kinds[item.name]), variable
        elif name in written:
            value, origin = written[name], str(file)
        elif item.default is not MISSING:
            value, origin = item.default, "default"
        else:
            raise SettingInvalid(f"give --{name}, {variable}, or a line in the file", setting=name)
        try:
            values[item.name] = msgspec.convert(value, kinds[item.name], strict=False)
        except msgspec.ValidationError as error:
            raise SettingInvalid(f"{error}, in {origin}", setting=name) from None
        shown.append(Shown(name, values[item.name], origin))
    return Loaded(Settings(**values), tuple(shown))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingInvalid(f"{path}: {error.strerror}", setting=CONFIG_FILE) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"{path}: {error}", setting=CONFIG_FILE) from None


def _split(text: str, kind: Any) -> object:
    """In the environment a list is separated by commas, and nothing is nothing."""
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return None if not text and type(None) in get_args(kind) else text


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise SettingInvalid(str(error), setting="trusted-proxy") from None


def _token(text: str) -> tuple[str, Permission]:
    name, separator, word = text.rpartition(":")
    if not separator or not name or word not in ("read", "write"):
        raise SettingInvalid("it is not NAME:read or NAME:write", setting="plain-token")
    return name, Permission(word)
