"""What a room's records add up to: how far each author's chain has come, and whose each peer is.

The checks of docs/protocol.md#sealing that need no key are here, in the order given there.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from sakya_sync.errors import RecordRejected
from sakya_sync.ids import AuthorId, ChainHead, PeerId, RoomId
from sakya_sync.record.versions import VersionVector
from sakya_sync.replica.changes import Change, HeadMoved, OwnerMoved
from sakya_sync.seal import chain
from sakya_sync.seal.chain import Head
from sakya_sync.seal.genesis import document_key
from sakya_sync.seal.sealed import Sealed, SealedDelta, SealedSnapshot, check_signature


class Place(Enum):
    """Where a record belongs, by its author and number."""

    NEXT = auto()
    HELD = auto()
    AHEAD = auto()
    FORKED = auto()


@dataclass(frozen=True, slots=True)
class Checked:
    """A record that its author signed and that continues the author's chain."""

    sealed: Sealed
    head: Head


class Ledger:
    """The state that records are checked against and advance."""

    def __init__(
        self,
        room: RoomId,
        heads: Iterable[Head],
        owners: Mapping[PeerId, tuple[AuthorId, int]],
        may_have_written: Callable[[AuthorId], bool],
    ) -> None:
        self.room = room
        self._heads = {head.author: head for head in heads}
        self._owners = dict(owners)
        self._may_have_written = may_have_written
        self._genesis = document_key(room.rpartition("/")[2])

    def heads(self) -> tuple[Head, ...]:
        """Sorted by author."""
        return tuple(self._heads[author] for author in sorted(self._heads))

    def head(self, author: AuthorId) -> Head | None:
        """How far an author's chain has come."""
        return self._heads.get(author)

    def next_of(self, author: AuthorId) -> tuple[int, ChainHead]:
        """The number and the predecessor of an author's next record."""
        head = self._heads.get(author)
        if head is None:
            return 0, chain.genesis(author, self.room)
        return head.wseq + 1, head.chain

    def owner(self, peer: PeerId) -> tuple[AuthorId, int] | None:
        """Whose a peer is, and where its next record starts."""
        return self._owners.get(peer)

    def version(self) -> VersionVector:
        """How far all records held reach, by peer."""
        return VersionVector({peer: following for peer, (_, following) in self._owners.items()})

    def place(self, sealed: Sealed) -> Place:
        """Whether a record is the author's next, known, or too early."""
        number, prev = self.next_of(sealed.author)
        if isinstance(sealed, SealedSnapshot) and sealed.wseq > number:
            # A snapshot brings its author's earlier history along.
            return Place.NEXT if _own_head(sealed) is not None else Place.AHEAD
        if sealed.wseq > number:
            return Place.AHEAD
        if sealed.wseq == number:
            return Place.NEXT if sealed.prev == prev else Place.FORKED
        head = self._heads[sealed.author]
        if sealed.wseq == head.wseq and sealed.chain(self.room) != head.chain:
            return Place.FORKED
        return Place.HELD

    def fork(self) -> "Ledger":
        """A copy that can be advanced without this one."""
        return Ledger(self.room, self._heads.values(), self._owners, self._may_have_written)

    def check(self, sealed: Sealed, *, signed: bool = True) -> Checked:
        """A record in its place, its signature and its spans.

        Args: signed: False where the connection itself proves who the author is.
        Raises: RecordRejected.
        """
        author = sealed.author
        if self.is_genesis_key(author):
            if sealed.wseq != 0 or not isinstance(sealed, SealedDelta):
                raise RecordRejected("a genesis key signs one record only")
        elif not self._may_have_written(author):
            raise RecordRejected("its author may not write here")
        digest = sealed.digest(self.room)
        if signed:
            check_signature(sealed, digest)
        match sealed:
            case SealedDelta():
                self._check_span(sealed)
            case SealedSnapshot():
                self._check_snapshot(sealed)
        return Checked(sealed, Head(author, sealed.wseq, chain.link(sealed.prev, digest)))

    def advance(self, checked: Checked) -> list[Change]:
        """Take a checked record in; what has to be made durable of it."""
        sealed = checked.sealed
        changes: list[Change] = []
        match sealed:
            case SealedDelta(author=author, span=span):
                changes.append(self._own(span.peer, author, span.end))
            case SealedSnapshot():
                for head in sealed.heads:
                    known = self._heads.get(head.author)
                    if known is None or known.wseq < head.wseq:
                        changes.append(self._move(head))
                for peer, author in sealed.peer_owners.items():
                    end = sealed.version.get(peer)
                    if end > self._owners.get(peer, (author, 0))[1]:
                        changes.append(self._own(peer, author, end))
        changes.append(self._move(checked.head))
        return changes

    def _check_span(self, sealed: SealedDelta) -> None:
        owner, following = self._owners.get(sealed.peer, (sealed.author, 0))
        if owner != sealed.author:
            raise RecordRejected("its peer belongs to another author")
        if sealed.span.start != following:
            raise RecordRejected("its span does not follow the last one")

    def _check_snapshot(self, sealed: SealedSnapshot) -> None:
        own = _own_head(sealed)
        if own is None and sealed.wseq != 0:
            raise RecordRejected("a snapshot without its author's own head")
        for head in sealed.heads:
            known = self._heads.get(head.author)
            if known is not None and known.wseq == head.wseq and known.chain != head.chain:
                raise RecordRejected("a snapshot of another history")
        for peer, author in sealed.peer_owners.items():
            known_owner = self._owners.get(peer)
            if known_owner is not None and known_owner[0] != author:
                raise RecordRejected("a snapshot that gives a peer to another author")

    def is_genesis_key(self, author: AuthorId) -> bool:
        """Whether a key is the room's own, which any member with write may store one record of."""
        return author == self._genesis

    def _own(self, peer: PeerId, author: AuthorId, following: int) -> OwnerMoved:
        self._owners[peer] = (author, following)
        return OwnerMoved(peer, author, following)

    def _move(self, head: Head) -> HeadMoved:
        self._heads[head.author] = head
        return HeadMoved(head)


def _own_head(sealed: SealedSnapshot) -> Head | None:
    """The author's head right before the snapshot, if the snapshot names it."""
    for head in sealed.heads:
        if head.author == sealed.author:
            right = head.wseq + 1 == sealed.wseq and head.chain == sealed.prev
            return head if right else None
    return None
