from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.ids import PeerId
from sakya_sync.mapping.folders import (
    FOLDER,
    FolderChanges,
    changes,
    read_folders,
    refused,
    write_folders,
)
from sakya_sync.replica.document import Document

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
SETS = st.frozensets(st.sampled_from(["a", "a/b", "c", "d e"]))


@given(SETS, SETS)
def test_what_came_and_what_went_lead_from_one_set_to_the_other(
    before: frozenset[str], now: frozenset[str]
) -> None:
    changed = changes(before, now)
    assert (before | {*changed.come}) - {*changed.gone} == now
    assert changes(now, before) == FolderChanges(changed.gone, changed.come)


def test_another_normal_form_is_no_other_folder() -> None:
    assert changes([COMPOSED], [DECOMPOSED]) == FolderChanges((), ())


@given(SETS, SETS)
def test_a_document_reads_back_what_was_written(come: frozenset[str], gone: frozenset[str]) -> None:
    document = Document(PeerId(1))
    with document.edit():
        write_folders(document, come, gone)
    assert read_folders(document) == come - gone


def test_a_path_that_a_disk_could_not_have_is_left_out() -> None:
    document = Document(PeerId(1))
    with document.edit():
        for path in ("../up", "/root", "con", DECOMPOSED, ".sakya", "fine"):
            value: Any = True
            document.map_set(FOLDER, path, value)
        write_folders(document, [DECOMPOSED], [])
    assert read_folders(document) == {"fine", COMPOSED}


def test_a_folder_that_cannot_be_everywhere_is_named() -> None:
    assert set(refused({"con", "a", "trailing "})) == {"con", "trailing "}
