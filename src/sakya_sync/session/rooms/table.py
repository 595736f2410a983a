"""Every kind of room, and what is particular to it: a table you can print.

A new kind is a file beside this one and a row here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeAlias

from sakya_sync.access.power import Power
from sakya_sync.session.rooms.elo import EncryptedRoom
from sakya_sync.session.rooms.eph import PresenceRoom
from sakya_sync.session.rooms.flo import FlockRoom
from sakya_sync.session.rooms.plain import DocumentRoom, LogRoom
from sakya_sync.wire.messages import Magic


class Sealed(Enum):
    """How a relay treats what is sent to a subject's room."""

    ACCESS = "certificates, numbered"
    RECORDS = "records in chains"
    RELAYED = "passed on"


@dataclass(frozen=True, slots=True)
class SealedPolicy:
    """Of rooms that belong to a subject and are joined with a ticket; any power lets one in."""

    treatment: Sealed
    write: Power
    """What it takes to write."""
    version: str
    kept: str


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """Of plain rooms whose updates the relay sees from outside."""

    make: Callable[[], LogRoom]
    version: str
    kept: str


@dataclass(frozen=True, slots=True)
class DocumentPolicy:
    """Of plain rooms that live in a process of their own, with the library they need."""

    make: Callable[[], DocumentRoom]
    version: str
    kept: str


Policy: TypeAlias = SealedPolicy | LogPolicy | DocumentPolicy


def _lor() -> DocumentRoom:
    # Imported where it is made: a relay's own process never loads Loro.
    from sakya_sync.session.rooms.lor import LoroRoom

    return LoroRoom()


def _eps() -> DocumentRoom:
    from sakya_sync.session.rooms.eps import PersistedRoom

    return PersistedRoom()


def _yjs() -> DocumentRoom:
    from sakya_sync.session.rooms.yjs import YjsRoom

    return YjsRoom()


SEALED: Final[Mapping[Magic, SealedPolicy]] = MappingProxyType(
    {
        Magic.ELO: SealedPolicy(
            Sealed.RECORDS, Power.WRITE, "heads, or a Loro version vector", "yes"
        ),
        Magic.SKA: SealedPolicy(Sealed.ACCESS, Power.READ, "sequence number", "for ever"),
        Magic.SKE: SealedPolicy(Sealed.RELAYED, Power.READ, "empty", "never"),
    }
)

PLAIN: Final[Mapping[Magic, LogPolicy | DocumentPolicy]] = MappingProxyType(
    {
        Magic.LOR: DocumentPolicy(_lor, "Loro version vector", "as a snapshot and updates"),
        Magic.ELO: LogPolicy(EncryptedRoom, "Loro version vector", "until covered, and a week"),
        Magic.EPH: LogPolicy(PresenceRoom, "empty", "30 s, in memory"),
        Magic.EPS: DocumentPolicy(_eps, "empty", "the latest of each key"),
        Magic.FLO: LogPolicy(FlockRoom, "always `VEVE`", "every update"),
        Magic.YJS: DocumentPolicy(_yjs, "Yjs state vector", "as merged updates"),
        Magic.YAW: LogPolicy(PresenceRoom, "empty", "30 s, in memory"),
    }
)
