import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.ids import PeerId
from sakya_sync.record import versions
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.replica.commits import COMMIT_SECONDS, Stamp
from sakya_sync.replica.document import Document
from sakya_sync.replica.steps import Delete, Insert, Retain, Step

MORNING = 1_790_000_000


def write(document: Document, *steps: Step, at_s: int, offset: int = 60) -> bytes:
    with document.edit(Stamp(at_s, offset)):
        document.apply_steps(steps)
    return document.frontier()


@given(st.integers(1, 2**40), st.integers(-1440, 1440))
def test_a_stamp_is_read_as_it_was_written(at_s: int, offset: int) -> None:
    stamp = Stamp(at_s, offset)
    assert Stamp.read(at_s, stamp.message) == stamp


@pytest.mark.parametrize("message", ["", "x", "+", "+x", "-99999", "+٣", "+1 day", "+1441"])
def test_whatever_stands_there_is_no_offset_that_cannot_be(message: str) -> None:
    assert Stamp.read(MORNING, message) == Stamp(MORNING, 0)
    assert Stamp.read(0, message) is None


def test_commits_tell_who_when_and_what_was_known() -> None:
    one, other = Document(PeerId(1)), Document(PeerId(2))
    write(one, Insert("One"), at_s=MORNING)
    other.import_update(one.export_since(versions.EMPTY))
    write(other, Retain(3), Insert(" two"), at_s=MORNING + 10, offset=-300)
    write(one, Insert("!"), at_s=MORNING + COMMIT_SECONDS + 1)
    one.import_update(other.export_since(one.version()))
    first, second, third = one.commits()
    assert [first.span, second.span, third.span] == [
        Span(PeerId(1), 0, 3),
        Span(PeerId(1), 3, 4),
        Span(PeerId(2), 0, 4),
    ]
    assert first.before == versions.EMPTY
    assert third.before == VersionVector({PeerId(1): 3})
    assert third.stamp == Stamp(MORNING + 10, -300)


def test_changes_of_one_minute_are_one_commit_and_an_unstamped_one_has_no_time() -> None:
    document = Document(PeerId(1))
    with document.edit():
        document.apply_steps([Insert("genesis")])
    for second in range(0, COMMIT_SECONDS, 5):
        write(document, Insert("x"), at_s=MORNING + second)
    unstamped, stamped = document.commits()
    assert unstamped.stamp is None
    assert stamped.stamp == Stamp(MORNING, 60)


def test_what_lies_between_two_versions_leads_from_the_one_to_the_other() -> None:
    document = Document(PeerId(1))
    old = write(document, Insert("the long road"), at_s=MORNING)
    new = write(document, Retain(4), Delete(5), at_s=MORNING + 100)
    document.map_set("path", "a", "x.md")
    document.map_set("path", "b", "y.md")
    with document.edit():
        document.map_delete("path", "b")
    first, second, third = document.walk([old, new, document.frontier()])
    assert (first.steps, second.steps) == ([Insert("the long road")], [Retain(4), Delete(5)])
    assert third.maps == {"path": {"a": "x.md", "b": None}}
    (back,) = list(document.walk([new, old]))[1:]
    assert back.steps == [Retain(4), Insert("long ")]
    assert document.text_at(document.frontier_of(document.version_at(old))) == "the long road"
    assert document.at(new).map_items("path") == {}
    assert document.at(document.frontier()).map_items("path") == {"a": "x.md"}
