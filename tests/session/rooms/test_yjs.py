import pytest
from pycrdt import Doc, Text

from sakya_sync.errors import UpdateInvalid
from sakya_sync.session.rooms.plain import VersionUnknown, Welcome
from sakya_sync.session.rooms.yjs import YjsRoom


class Writer:
    """A Yjs document with one text."""

    def __init__(self) -> None:
        self.doc: Doc[Text] = Doc()
        self.text = self.doc.get("text", type=Text)

    def write(self, words: str) -> bytes:
        before = self.doc.get_state()
        self.text += words
        return self.doc.get_update(before)

    def erase(self, count: int) -> bytes:
        before = self.doc.get_state()
        del self.text[:count]
        return self.doc.get_update(before)


def read(*updates: bytes) -> str:
    reader = Writer()
    for update in updates:
        reader.doc.apply_update(update)
    return str(reader.text)


def welcome(room: YjsRoom, version: bytes = b"") -> Welcome:
    answer = room.welcome(version)
    assert isinstance(answer, Welcome)
    return answer


def test_a_late_joiner_gets_what_its_state_vector_lacks() -> None:
    writer, room = Writer(), YjsRoom()
    first = writer.write("one " * 100)
    state = writer.doc.get_state()
    second = writer.write("two")
    assert room.take(first)
    assert room.take(second)
    answer = welcome(room, state)
    assert sum(map(len, answer.updates)) < len(first)
    assert read(first, *answer.updates) == "one " * 100 + "two"
    assert read(*welcome(room).updates) == "one " * 100 + "two"
    assert answer.version == writer.doc.get_state()
    assert welcome(room, answer.version).updates == ()


def test_an_update_that_only_erases_counts_too() -> None:
    writer, room = Writer(), YjsRoom()
    room.take(writer.write("one two"))
    assert room.take(writer.erase(4))
    assert read(*welcome(room).updates) == "two"


def test_what_waits_for_earlier_operations_is_kept_and_sent() -> None:
    writer, room = Writer(), YjsRoom()
    first, second = writer.write("one "), writer.write("two")
    assert room.take(second)
    condensed = room.condense()
    assert condensed is not None
    again = YjsRoom()
    again.restore([condensed])
    assert read(*welcome(again).updates, first) == "one two"
    again.take(first)
    assert read(*welcome(again).updates) == "one two"


def test_what_is_held_already_brings_nothing() -> None:
    room, update = YjsRoom(), Writer().write("one")
    assert room.take(update)
    assert not room.take(update)
    assert not room.take(b"\x00\x00")
    assert welcome(YjsRoom()) == Welcome(b"\x00")


@pytest.mark.parametrize("rubbish", [b"", b"\x00", b"rubbish", b"\xff" * 30])
def test_rubbish_is_refused(rubbish: bytes) -> None:
    room = YjsRoom()
    room.take(Writer().write("one"))
    with pytest.raises(UpdateInvalid):
        room.take(rubbish)
    assert read(*welcome(room).updates) == "one"
    assert isinstance(room.welcome(b"\xff" * 12), VersionUnknown)
