import pytest

from sakya_sync.errors import RecordRejected
from sakya_sync.record.container import unpack
from sakya_sync.replica.ledger import Ledger, Place
from sakya_sync.seal.sealed import Sealed, SealedSnapshot, parse

from .desk import ROOM, SECRET, TABLET, replica, sealed, write


def ledger(*, may_write: bool = True) -> Ledger:
    return Ledger(ROOM, (), {}, lambda _: may_write)


def run(count: int) -> list[Sealed]:
    writer = replica()
    found = []
    for number in range(count):
        write(writer, f"{number}")
        found += [parse(raw) for raw in unpack(sealed(writer)[0])]
    writer.snapshot(SECRET, lambda: bytes(32))
    return [*found, parse(unpack(sealed(writer)[0])[0])]


def take(target: Ledger, record: Sealed) -> None:
    target.advance(target.check(record))


def test_every_record_has_one_place() -> None:
    first, second, third, snapshot = run(3)
    held = ledger()
    assert held.place(first) is Place.NEXT
    assert held.place(second) is Place.AHEAD
    take(held, first)
    assert held.place(first) is Place.HELD
    assert held.place(second) is Place.NEXT
    take(held, second)
    take(held, third)
    assert held.place(snapshot) is Place.NEXT
    assert held.version().get(first.header.span.peer) == 3  # type: ignore[union-attr]


def test_a_snapshot_brings_a_fresh_ledger_up() -> None:
    *_, snapshot = run(3)
    assert isinstance(snapshot, SealedSnapshot)
    held = ledger()
    take(held, snapshot)
    assert held.head(snapshot.author) is not None
    assert held.next_of(snapshot.author)[0] == snapshot.wseq + 1
    assert held.version() == snapshot.version


def test_a_fork_advances_by_itself() -> None:
    first, *_ = run(1)
    held = ledger()
    take(held.fork(), first)
    assert held.heads() == ()


def test_another_history_under_a_number_is_a_fork() -> None:
    writer, twin = replica(), replica(peer=8)
    write(writer, "this")
    write(twin, "that")
    held = ledger()
    take(held, parse(unpack(sealed(writer)[0])[0]))
    assert held.place(parse(unpack(sealed(twin)[0])[0])) is Place.FORKED


def test_who_may_not_write_is_refused() -> None:
    first, *_ = run(1)
    with pytest.raises(RecordRejected):
        ledger(may_write=False).check(first)


def test_a_signature_counts_unless_the_connection_proves_the_author() -> None:
    first, *_ = run(1)
    raw = bytearray(first.raw)
    raw[first.box_start - 1] ^= 1
    spoiled = parse(bytes(raw))
    with pytest.raises(RecordRejected):
        ledger().check(spoiled)
    ledger().check(spoiled, signed=False)


def test_two_authors_cannot_share_a_peer() -> None:
    mine, theirs = replica(), replica(TABLET, peer=1)
    write(mine, "mine")
    write(theirs, "theirs")
    held = ledger()
    take(held, parse(unpack(sealed(mine)[0])[0]))
    with pytest.raises(RecordRejected):
        held.check(parse(unpack(sealed(theirs)[0])[0]))
