import pytest

from sakya_sync.errors import UpdateInvalid
from sakya_sync.ids import PeerId
from sakya_sync.record import versions
from sakya_sync.record.versions import VersionVector
from sakya_sync.replica.document import Document
from sakya_sync.replica.steps import Insert
from sakya_sync.session.rooms.lor import LoroRoom
from sakya_sync.session.rooms.plain import VersionUnknown, Welcome

PEER = PeerId(7)


def updates(*words: str, peer: PeerId = PEER) -> list[bytes]:
    """One update for each, in order."""
    document = Document(peer)
    made = []
    for word in words:
        with document.edit():
            document.apply_steps([Insert(word)])
        made += [written.update for written in document.written()]
    return made


def room(*taken: bytes) -> LoroRoom:
    made = LoroRoom()
    for update in taken:
        assert made.take(update)
    return made


def text(*given: bytes) -> str:
    document = Document(PeerId(8))
    for update in given:
        document.import_update(update)
    return document.text()


def welcome(to: LoroRoom, version: VersionVector) -> Welcome:
    answer = to.welcome(versions.encode(version))
    assert isinstance(answer, Welcome)
    return answer


def test_a_client_without_anything_gets_everything() -> None:
    held = room(*updates("one ", "two "))
    answer = held.welcome(b"")
    assert isinstance(answer, Welcome)
    assert versions.decode(answer.version) == VersionVector({PEER: 8})
    assert text(*answer.updates) == "two one "


def test_a_client_gets_only_what_it_lacks() -> None:
    first, second = updates("one " * 500, "two ")
    answer = welcome(room(first, second), VersionVector({PEER: 2000}))
    assert sum(map(len, answer.updates)) < len(first) / 2
    assert text(first, *answer.updates) == "two " + "one " * 500
    assert welcome(room(first, second), VersionVector({PEER: 2004})).updates == ()
    assert welcome(room(first, second), VersionVector({PEER: 9000})).updates == ()


def test_an_empty_room_tells_its_version_all_the_same() -> None:
    assert LoroRoom().welcome(b"") == Welcome(b"\x00")


@pytest.mark.parametrize("version", [b"\xff" * 9, b"\x01", b"\x00\x00"])
def test_a_version_that_means_nothing_is_answered_with_the_rooms(version: bytes) -> None:
    answer = room(*updates("one")).welcome(version)
    assert isinstance(answer, VersionUnknown)
    assert versions.decode(answer.version) == VersionVector({PEER: 3})


def test_what_is_held_already_brings_nothing() -> None:
    (update,) = updates("one")
    held = room(update)
    assert not held.take(update)


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"loro" + bytes(40)])
def test_rubbish_is_refused_and_leaves_the_document_as_it_was(rubbish: bytes) -> None:
    held = room(*updates("one"))
    with pytest.raises(UpdateInvalid):
        held.take(rubbish)
    assert text(*welcome(held, versions.EMPTY).updates) == "one"


def test_a_snapshot_stands_for_everything_before_it() -> None:
    first, second, third = updates("one ", "two ", "three ")
    held = room(first, second)
    snapshot = held.condense()
    assert snapshot is not None
    again = LoroRoom()
    again.restore([snapshot, third])
    assert text(*welcome(again, versions.EMPTY).updates) == "three two one "


def test_what_waits_for_earlier_operations_is_not_lost_in_a_snapshot() -> None:
    first, second = updates("one ", "two ")
    held = LoroRoom()
    assert held.take(second)
    assert held.condense() is None
    # Whoever joins now has to have it when the earlier ones come.
    assert text(*welcome(held, versions.EMPTY).updates, first) == "two one "
    assert held.take(first)
    assert held.condense() is not None
    assert text(*welcome(held, versions.EMPTY).updates) == "two one "
