from collections.abc import Sequence

from record.strangers import delta, snapshot
from sakya_sync.ids import PeerId
from sakya_sync.record import versions
from sakya_sync.record.container import pack, unpack
from sakya_sync.record.versions import VersionVector
from sakya_sync.session.rooms.elo import (
    RETIRED_SNAPSHOTS_MAX,
    UNVERSIONED_SNAPSHOTS_MAX,
    EncryptedRoom,
)
from sakya_sync.session.rooms.plain import Entry, Taken, VersionUnknown, Welcome
from sakya_sync.wire.messages import AckStatus

PEER = PeerId(7)
BIG = snapshot({b"7": 9})


class Shelf:
    """A room, and what a store would keep of it."""

    def __init__(self) -> None:
        self.room = EncryptedRoom()
        self.entries: dict[int, Entry] = {}
        self.marks: set[bytes] = set()
        self._next = 0

    def take(self, *records: bytes) -> Taken:
        return self.take_updates(pack(records))

    def take_updates(self, *updates: bytes) -> Taken:
        taken = self.room.take(updates, 0.0)
        for body in taken.store:
            self.entries[self._next] = Entry(self._next, body)
            self._next += 1
        for number in taken.retire:
            self.entries[number] = Entry(number, self.entries[number].body, retired=True)
        for number in taken.drop:
            del self.entries[number]
        self.marks |= set(taken.marks)
        return taken

    def sweep(self) -> None:
        """The grace period of everything that was retired is over."""
        self.entries = {n: entry for n, entry in self.entries.items() if not entry.retired}

    def restart(self) -> None:
        self.room = EncryptedRoom()
        self.room.restore([self.entries[n] for n in sorted(self.entries)], self.marks)

    def served(self, version: VersionVector | None = None) -> list[bytes]:
        answer = self.room.welcome(b"" if version is None else versions.encode(version), 0.0)
        assert isinstance(answer, Welcome)
        stored = [self.entries[n].body for n in answer.stored if n in self.entries]
        return [record for update in self.room.pack(stored) for record in unpack(update)]

    @property
    def version(self) -> VersionVector:
        answer = self.room.welcome(b"", 0.0)
        assert isinstance(answer, Welcome)
        return versions.decode(answer.version)


def shelf(*records: bytes) -> Shelf:
    made = Shelf()
    for record in records:
        assert made.take(record).status is AckStatus.OK
    return made


def test_a_join_gets_the_records_that_reach_past_its_version() -> None:
    held = shelf(delta(0, 3), delta(3, 5), delta(0, 4, peer=b"9"))
    assert held.served() == [delta(0, 3), delta(3, 5), delta(0, 4, peer=b"9")]
    assert held.served(VersionVector({PEER: 3, PeerId(9): 4})) == [delta(3, 5)]
    assert held.served(VersionVector({PEER: 5, PeerId(9): 4})) == []


def test_the_version_ends_where_a_span_is_missing() -> None:
    held = shelf(delta(0, 3), delta(5, 9))
    assert held.version == VersionVector({PEER: 3})
    held.take(delta(3, 5))
    assert held.version == VersionVector({PEER: 9})


def test_a_version_that_means_nothing_is_answered_with_the_rooms() -> None:
    answer = shelf(delta(0, 3)).room.welcome(b"\xff\xff", 0.0)
    assert answer == VersionUnknown(versions.encode(VersionVector({PEER: 3})))


def test_what_a_span_covers_is_retired_and_still_served_while_it_is_there() -> None:
    held = shelf(delta(0, 3), delta(3, 5), delta(5, 9))
    # It says that it holds all of the first two; whether it does, nobody here can tell.
    assert held.take(delta(0, 5, iv="again")).retire == (0, 1)
    assert held.served() == [delta(0, 3), delta(3, 5), delta(5, 9), delta(0, 5, iv="again")]
    held.restart()
    assert len(held.served()) == 4
    held.sweep()
    held.restart()
    assert held.served() == [delta(5, 9), delta(0, 5, iv="again")]
    assert held.version == VersionVector({PEER: 9})


def test_a_snapshot_is_kept_and_covers_what_is_within_its_version() -> None:
    held = shelf(delta(0, 3), delta(3, 9), delta(9, 12), delta(0, 1, peer=b"9"))
    assert held.take(BIG).retire == (0, 1)
    held.sweep()
    held.restart()
    assert held.served() == [delta(9, 12), delta(0, 1, peer=b"9"), BIG]
    assert held.served(VersionVector({PEER: 9})) == [delta(9, 12), delta(0, 1, peer=b"9")]
    assert held.version == VersionVector({PEER: 12, PeerId(9): 1})


def test_a_snapshot_of_a_version_that_has_one_is_acked_and_goes_no_further() -> None:
    held = shelf(delta(0, 9), BIG)
    again = held.take(snapshot({b"7": 9}, iv="from another client"))
    assert (again.status, again.store, again.forward) == (AckStatus.OK, (), ())


def test_only_the_newest_of_the_snapshots_that_were_covered_stay() -> None:
    held = shelf(*(snapshot({b"7": end}) for end in range(1, 10)))
    assert len(held.entries) == 1 + RETIRED_SNAPSHOTS_MAX
    assert held.served() == [snapshot({b"7": 8}), snapshot({b"7": 9})]


def test_snapshots_that_say_nothing_of_their_version_are_kept_up_to_a_number() -> None:
    held = shelf(*(snapshot({}, iv=f"{n}") for n in range(UNVERSIONED_SNAPSHOTS_MAX + 3)))
    assert len(held.entries) == UNVERSIONED_SNAPSHOTS_MAX
    assert held.served()[-1] == snapshot({}, iv=f"{UNVERSIONED_SNAPSHOTS_MAX + 2}")


def test_peers_that_are_no_numbers_are_always_served() -> None:
    held = shelf(delta(0, 3, peer=b"ada"))
    assert held.version == versions.EMPTY
    assert held.served(VersionVector({PEER: 9})) == [delta(0, 3, peer=b"ada")]


def test_a_record_that_is_there_already_is_acked_and_goes_no_further() -> None:
    held = shelf(delta(0, 3))
    both = held.take(delta(0, 3), delta(3, 5))
    assert both.status is AckStatus.OK
    assert both.store == (delta(3, 5),)
    assert both.forward == (pack([delta(3, 5)]),)
    assert held.take(delta(0, 3)).forward == ()


def test_an_iv_is_used_once_under_a_key_id_also_after_its_record_has_gone() -> None:
    held = shelf(delta(0, 3, iv="x"), delta(0, 3, iv="y"))
    assert held.take(delta(3, 5, iv="x")).status is AckStatus.INVALID_UPDATE
    held.sweep()
    held.restart()
    assert held.take(delta(3, 5, iv="x")).status is AckStatus.INVALID_UPDATE
    assert held.take(delta(3, 5, iv="x", key_id=b"k2")).status is AckStatus.OK


def test_a_batch_with_one_bad_record_leaves_nothing_behind() -> None:
    held = shelf(delta(0, 3, iv="x"))
    for bad in ([delta(3, 5), delta(5, 6, iv="x")], [delta(3, 5, iv="y"), delta(5, 6, iv="y")]):
        assert held.take(*bad).status is AckStatus.INVALID_UPDATE
    assert held.take_updates(pack([delta(3, 5)]), b"rubbish").status is AckStatus.INVALID_UPDATE
    assert held.version == VersionVector({PEER: 3})
    assert held.take(delta(3, 5)).store == (delta(3, 5),)


def test_updates_go_to_the_others_as_they_came() -> None:
    updates: Sequence[bytes] = (pack([delta(0, 3), delta(3, 5)]), pack([delta(5, 6)]))
    assert Shelf().take_updates(*updates).forward == tuple(updates)
