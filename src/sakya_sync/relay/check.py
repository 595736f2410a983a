"""Every stored record, verified without a key: its form, its place in its chain, its signature."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from sakya_sync.errors import CertificateInvalid, RecordError
from sakya_sync.ids import AuthorId, DeviceId, PublicKey, RoomId, SubjectId
from sakya_sync.record.container import pack
from sakya_sync.record.versions import VersionVector
from sakya_sync.seal.sealed import parse
from sakya_sync.session.rooms.access import AccessRoom, read_record
from sakya_sync.session.rooms.names import ACCESS, room_id
from sakya_sync.session.rooms.sealed import Refused, Rights, SealedRoom
from sakya_sync.store.database import RELAY, open_for_reading, translated
from sakya_sync.store.relay.store import FILE
from sakya_sync.store.relay.unsettled import Unsettled, read_heads, read_owners, read_unsettled

# Who might write is not asked: certificates may have been taken back since.
_ANYBODY = Rights(DeviceId(PublicKey(bytes(32))), lambda _: True, lambda _: True, False)


@dataclass(frozen=True, slots=True)
class Hurt:
    """A room of which something is damaged or missing."""

    room: RoomId
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what is wrong with it."""

    rooms: int
    records: int
    hurt: tuple[Hurt, ...]


def check(data: Path) -> Report:
    """As it is at one moment; the relay may go on meanwhile.

    Raises: DatabaseCorrupt, when the database itself is damaged, PermissionMissing, LocalFault.
    """
    path = data / FILE
    with closing(open_for_reading(path, RELAY)) as connection, translated(path, RELAY):
        connection.execute("BEGIN")
        (form,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        hurt = [] if form == "ok" else [Hurt(RoomId(""), f"the database: {form}")]
        rooms = connection.execute("SELECT id, name, bytes FROM room ORDER BY id").fetchall()
        unsettled = read_unsettled(connection)
        for number, name, size in rooms:
            reason = _sealed(connection, number, RoomId(name), size, unsettled)
            if reason is not None:
                hurt.append(Hurt(RoomId(name), reason))
        (lone,) = connection.execute(
            "SELECT count(*) FROM record WHERE room NOT IN (SELECT id FROM room)"
        ).fetchone()
        if lone:
            hurt.append(Hurt(RoomId(""), f"{lone} records belong to no room"))
        subjects = connection.execute("SELECT DISTINCT subject FROM access").fetchall()
        for (subject,) in subjects:
            reason = _access(connection, SubjectId(PublicKey(subject)))
            if reason is not None:
                hurt.append(Hurt(room_id(SubjectId(PublicKey(subject)), ACCESS), reason))
        (records,) = connection.execute(
            "SELECT (SELECT count(*) FROM record) + (SELECT count(*) FROM access)"
        ).fetchone()
    return Report(len(rooms) + len(subjects), records, tuple(hurt))


def _sealed(
    connection: Connection, number: int, room: RoomId, size: int, unsettled: Unsettled
) -> str | None:
    """What is wrong with a sealed room: the relay must take in again all that it stored."""
    state = SealedRoom(room)
    found = 0
    for author, wseq, body in _records(connection, number):
        found += len(body)
        try:
            sealed = parse(body)
        except RecordError as error:
            return f"record {wseq} of an author: {error.details['detail']}"
        if (sealed.author, sealed.wseq) != (author, wseq):
            return f"record {wseq} of an author is filed under another's place"
        verdict = state.admit([pack([body])], _ANYBODY)
        if isinstance(verdict, Refused):
            return f"record {wseq} of an author: {verdict.reason}"
        if not verdict.appended:
            return f"record {wseq} of an author is there twice"
    heads = read_heads(connection, number) | unsettled.heads(number)
    if set(heads.values()) != set(state.heads()):
        return "its last records are missing, or it does not say what they are"
    owners = read_owners(connection, number) | unsettled.owners(number)
    if VersionVector({peer: end for peer, (_, end) in owners.items()}) != state.version():
        return "it does not say how far its records reach"
    if size + unsettled.added(number) != found:
        return "what it says it holds is not what it holds"
    return None


def _access(connection: Connection, subject: SubjectId) -> str | None:
    room = AccessRoom(subject)
    rows = connection.execute(
        "SELECT number, CAST(body AS BLOB) FROM access WHERE subject = ? ORDER BY number",
        (subject,),
    )
    for expected, (number, body) in enumerate(rows):
        if number != expected:
            return f"record {expected} is missing"
        try:
            record = read_record(body, subject, room.find)
        except CertificateInvalid as error:
            return f"record {number}: {error.details['detail']}"
        if record.subject != subject:
            return f"record {number} belongs elsewhere"
        if not room.add([record]):
            return f"record {number} is there twice"
    return None


def _records(connection: Connection, number: int) -> Iterator[tuple[AuthorId, int, bytes]]:
    rows = connection.execute(
        "SELECT CAST(author AS BLOB), wseq, CAST(body AS BLOB) FROM record "
        "WHERE room = ? ORDER BY seq",
        (number,),
    )
    for author, wseq, body in rows:
        yield AuthorId(PublicKey(author)), wseq, body
