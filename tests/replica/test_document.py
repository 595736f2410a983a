import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import DocumentPoisoned, SakyaError, UpdateInvalid
from sakya_sync.ids import PeerId
from sakya_sync.record import versions
from sakya_sync.record.spans import Span
from sakya_sync.replica.document import (
    Document,
    LoroDocument,
    genesis_opaque,
    genesis_update,
    spans_of,
)
from sakya_sync.replica.steps import Delete, Insert, Retain


def document(text: str = "", peer: int = 1) -> Document:
    made = Document(PeerId(peer))
    if text:
        with made.edit():
            made.apply_steps([Insert(text)])
    return made


@given(st.binary(max_size=200))
def test_bad_bytes_give_our_error_and_leave_the_document_as_it_was(rubbish: bytes) -> None:
    held = document("kept")
    with pytest.raises(SakyaError):
        held.import_update(rubbish)
    assert held.text() == "kept"
    with pytest.raises(SakyaError):
        spans_of(rubbish)


def test_an_edit_out_of_bounds_is_our_error_too_and_undone() -> None:
    held = document("kept")
    with pytest.raises(DocumentPoisoned), held.edit():
        _write_out_of_bounds(held)
    assert held.text() == "kept"


def test_an_import_that_breaks_loro_leaves_the_document_as_it_was_and_of_use() -> None:
    held, other = document("kept"), document("other", peer=5).export_since(versions.EMPTY)
    with held.edit() as loro:
        watched = loro.subscribe_root(_break)
    with pytest.raises(UpdateInvalid):
        held.import_update(other)
    assert held.text() == "kept"
    del watched
    with held.edit():
        held.apply_steps([Insert("still ")])
    assert held.import_update(other).changed
    assert sorted(held.text().replace("other", "")) == sorted("still kept")


def test_an_edit_that_breaks_loro_is_undone_and_what_was_there_stays() -> None:
    held = document("kept")
    with held.edit():
        held.apply_steps([Insert("all ")])
    held.rebase()
    with held.edit():
        held.apply_steps([Insert("of it ")])
    version = held.version()
    with pytest.raises(DocumentPoisoned), held.edit() as loro:
        _write_and_break(loro)
    assert held.text() == "of it all kept"
    assert held.version() == version
    assert [written.spans for written in held.written()][-1] == (Span(PeerId(1), 8, 14),)


def _write_out_of_bounds(held: Document) -> None:
    held.apply_steps([Insert("first, ")])
    held.apply_steps([Retain(2), Delete(99)])


def _write_and_break(loro: LoroDocument) -> None:
    loro.get_text("body").insert(0, "lost ")
    loro.subscribe_root(_break).detach()


def _break(event: object) -> None:
    raise ValueError("a panic, as Loro sees it")


def test_what_ends_a_program_passes_through() -> None:
    held = document()
    with pytest.raises(KeyboardInterrupt):
        held._call(_interrupt)


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_a_change_to_an_old_version_merges_with_what_came_since() -> None:
    held = document("one two three")
    before = held.frontier()
    with held.edit():
        held.apply_steps([Insert("zero ")])
    after = held.edit_at(before, PeerId(7), lambda old: old.apply_steps([Retain(4), Delete(4)]))
    assert held.text() == "zero one three"
    assert held.text_at(before) == "one two three"
    assert held.text_at(after) == "one three"


def test_an_unknown_frontier_is_refused() -> None:
    other = document("elsewhere", peer=5).frontier()
    with pytest.raises(UpdateInvalid):
        document("here").version_at(other)
    with pytest.raises(UpdateInvalid):
        document("here").edit_at(other, PeerId(9), lambda _: None)


def test_equal_content_has_an_equal_hash_whatever_its_history() -> None:
    one, other = document("same"), document("sam", peer=2)
    with other.edit():
        other.apply_steps([Retain(3), Insert("e")])
    assert one.version() != other.version()
    assert one.content_hash() == other.content_hash()
    assert one.content_hash() != document("differs").content_hash()


def test_a_span_holds_what_it_names() -> None:
    held = document("abcdef")
    update = held.export_span(Span(PeerId(1), 2, 5))
    assert spans_of(update) == (Span(PeerId(1), 2, 5),)


def test_operations_that_come_too_early_wait() -> None:
    held, late = document("abcdef"), document(peer=2)
    late.import_update(held.export_span(Span(PeerId(1), 3, 6)))
    assert (late.waits, late.text()) == (True, "")
    late.import_update(held.export_span(Span(PeerId(1), 0, 3)))
    assert (late.waits, late.text()) == (False, "abcdef")


def test_a_files_first_operations_are_the_same_on_every_device() -> None:
    assert genesis_update(PeerId(4), "text") == genesis_update(PeerId(4), "text")
    assert genesis_opaque(PeerId(4), "id", b"\0") == genesis_opaque(PeerId(4), "id", b"\0")
    twice = document(peer=9)
    twice.import_all([genesis_update(PeerId(4), "text")] * 2)
    assert twice.text() == "text"


def test_a_document_comes_back_from_what_it_exports() -> None:
    held = document("text")
    with held.edit():
        held.map_set("map", "key", b"\x01")
        held.map_set("map", "gone", 1)
        held.map_delete("map", "gone")
    again = Document(PeerId(2), held.export_snapshot())
    assert again.content_hash() == held.content_hash()
    assert again.map_items("map") == {"key": b"\x01"}
    assert again.map_get("map", "none") is None
    since = Document(PeerId(3))
    since.import_update(held.export_since(versions.EMPTY))
    assert since.content_hash() == held.content_hash()
