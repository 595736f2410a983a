from dataclasses import replace

import pytest

from sakya_sync.ids import PeerId
from sakya_sync.mapping.content import Eol, Kind
from sakya_sync.mapping.structure import Entry, add_entry, read_entry, read_structure
from sakya_sync.record.versions import VersionVector
from sakya_sync.replica.document import Document

from .samples import entry, file

SEEN = VersionVector({PeerId(1): 5})
FULL = Entry(file("f"), "a/x.md", Kind.OPAQUE, True, Eol.CRLF, True, SEEN)


def document(peer: int, *entries: Entry) -> Document:
    made = Document(PeerId(peer))
    with made.edit():
        for item in entries:
            add_entry(made, item)
    return made


@pytest.mark.parametrize("item", [FULL, entry("f", "x.md")], ids=["full", "plain"])
def test_an_entry_reads_back(item: Entry) -> None:
    assert read_entry(document(1, item), item.file) == item
    assert read_structure(document(1, item)).entries == {item.file: item}


def test_a_rename_and_a_new_mode_at_once_both_count() -> None:
    plain = entry("f", "x.md")
    one = document(1, plain)
    two = Document(PeerId(2), one.export_snapshot())
    with one.edit():
        add_entry(one, replace(plain, path="y.md"))
    with two.edit():
        add_entry(two, replace(plain, executable=True))
    one.import_update(two.export_snapshot())
    two.import_update(one.export_snapshot())
    wanted = replace(plain, path="y.md", executable=True)
    assert read_entry(one, plain.file) == read_entry(two, plain.file) == wanted


def test_a_deletion_hides_only_what_it_has_seen() -> None:
    deleted = entry("f", "x.md", SEEN)
    assert deleted.hidden(SEEN)
    assert deleted.hidden(VersionVector({PeerId(1): 4}))
    assert not deleted.hidden(VersionVector({PeerId(1): 6}))
    assert not deleted.hidden(VersionVector({PeerId(1): 5, PeerId(2): 1}))
    assert not entry("f", "x.md").hidden(SEEN)


def test_a_path_from_elsewhere_that_would_leave_the_folder_is_a_fault() -> None:
    hostile = document(1)
    with hostile.edit():
        hostile.map_set("path", file("f"), "../../etc/passwd")
        hostile.map_set("path", file("g"), 7)
        hostile.map_set("path", "short", "x.md")
        hostile.map_set("deleted", file("h"), b"\xff")
        hostile.map_set("path", file("h"), "fine.md")
    structure = read_structure(hostile)
    assert {item.path for item in structure.entries.values()} == {"fine.md"}
    assert [path for path, _ in structure.faults] == ["../../etc/passwd"]
    assert read_entry(hostile, file("f")) is None
