"""What the log says and its index tables do not yet.

Heads and owners change with every record, and all but the last change of each is forgotten at
once: so they go into their tables now and then, many records at a time. After a crash they are
read from the log's end again.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from sakya_sync.errors import RecordError
from sakya_sync.ids import AuthorId, ChainHead, PeerId, PublicKey, RoomId
from sakya_sync.replica.changes import Change, HeadMoved, OwnerMoved
from sakya_sync.replica.ledger import Checked, Ledger
from sakya_sync.seal.chain import Head
from sakya_sync.seal.sealed import parse
from sakya_sync.store.statements import Insertion

_HEADS: Final = Insertion(
    "head (room, author, wseq, chain)",
    4,
    "ON CONFLICT DO UPDATE SET wseq = excluded.wseq, chain = excluded.chain",
)
_OWNERS: Final = Insertion(
    "owner (room, peer, author, next)", 4, "ON CONFLICT DO UPDATE SET next = excluded.next"
)
Owners = dict[PeerId, tuple[AuthorId, int]]


class Unsettled:
    """Moves of durable records, in their order."""

    def __init__(self) -> None:
        self.records = 0
        """How many have been taken in."""
        self._seq = 0
        self._heads: dict[int, dict[AuthorId, Head]] = {}
        self._owners: dict[int, Owners] = {}
        self._added: dict[int, int] = {}

    def take(self, room: int, changes: Iterable[Change]) -> None:
        """What records of a room moved."""
        for change in changes:
            match change:
                case HeadMoved(head):
                    self._heads.setdefault(room, {})[head.author] = head
                case OwnerMoved(peer, author, following):
                    self._owners.setdefault(room, {})[peer] = (author, following)
                case _:
                    raise AssertionError("a ledger moves heads and owners only")

    def grow(self, room: int, size: int) -> None:
        """A room holds a record of so many bytes more."""
        self._added[room] = self._added.get(room, 0) + size

    def reach(self, seq: int, records: int) -> None:
        """All records up to this one have been taken in, so many of them now."""
        self._seq = seq
        self.records += records

    def add(self, later: "Unsettled") -> None:
        """Take in what came after."""
        for room, heads in later._heads.items():
            self._heads.setdefault(room, {}).update(heads)
        for room, owners in later._owners.items():
            self._owners.setdefault(room, {}).update(owners)
        for room, size in later._added.items():
            self.grow(room, size)
        self.reach(max(self._seq, later._seq), later.records)

    def heads(self, room: int) -> dict[AuthorId, Head]:
        """The heads of a room that have moved."""
        return self._heads.get(room, {})

    def owners(self, room: int) -> Owners:
        """The owners of a room that have moved."""
        return self._owners.get(room, {})

    def added(self, room: int) -> int:
        """The bytes of a room's records."""
        return self._added.get(room, 0)

    @property
    def added_all(self) -> int:
        """The bytes of all records."""
        return sum(self._added.values())

    def write(self, connection: sqlite3.Connection) -> None:
        """Put everything into the tables."""
        _HEADS.execute(
            connection,
            [
                (room, head.author, head.wseq, head.chain)
                for room, heads in self._heads.items()
                for head in heads.values()
            ],
        )
        _OWNERS.execute(
            connection,
            [
                (room, str(peer), author, following)
                for room, owners in self._owners.items()
                for peer, (author, following) in owners.items()
            ],
        )
        connection.executemany(
            "UPDATE room SET bytes = bytes + ? WHERE id = ?",
            [(size, room) for room, size in self._added.items()],
        )
        connection.execute("UPDATE settled SET seq = ?", (self._seq,))


def read_unsettled(connection: sqlite3.Connection) -> Unsettled:
    """What the end of the log says that the tables do not."""
    found = Unsettled()
    ledgers: dict[int, Ledger] = {}
    log = connection.execute(
        "SELECT seq, room, name, body FROM record JOIN room ON room.id = record.room "
        "WHERE seq > (SELECT seq FROM settled) ORDER BY seq"
    )
    for seq, room, name, body in log:
        found.grow(room, len(body))
        found.reach(seq, 1)
        ledger = ledgers.get(room)
        if ledger is None:
            heads, owners = read_heads(connection, room), read_owners(connection, room)
            ledger = ledgers[room] = Ledger(RoomId(name), heads.values(), owners, lambda _: True)
        try:
            sealed = parse(body)
        except RecordError:
            # The disk has hurt it: `sakya relay check` tells, and other rooms go on.
            continue
        # It was checked before it was stored.
        head = Head(sealed.author, sealed.wseq, sealed.chain(ledger.room))
        found.take(room, ledger.advance(Checked(sealed, head)))
    return found


def read_heads(connection: sqlite3.Connection, room: int) -> dict[AuthorId, Head]:
    """A room's heads as the table has them."""
    rows = connection.execute("SELECT author, wseq, chain FROM head WHERE room = ?", (room,))
    heads = [Head(AuthorId(PublicKey(a)), wseq, ChainHead(c)) for a, wseq, c in rows]
    return {head.author: head for head in heads}


def read_owners(connection: sqlite3.Connection, room: int) -> Owners:
    """A room's owners as the table has them."""
    rows = connection.execute("SELECT peer, author, next FROM owner WHERE room = ?", (room,))
    return {PeerId(int(p)): (AuthorId(PublicKey(a)), following) for p, a, following in rows}
