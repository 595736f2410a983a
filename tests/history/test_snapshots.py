from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import NameInvalid
from sakya_sync.history.snapshots import (
    Counts,
    Kind,
    Snapshot,
    check_name,
    put_snapshot,
    read_snapshots,
    remove_snapshot,
    rename_snapshot,
)
from sakya_sync.history.version import ProjectVersion
from sakya_sync.ids import AuthorId, FileId, PeerId, PublicKey
from sakya_sync.record import versions
from sakya_sync.replica.document import Document

VERSION = ProjectVersion(b"\0", {FileId("A" * 43): b"\x01\x02\x03"})
FIRST = Snapshot(
    "00112233445566ff",
    "first draft",
    "for Ada",
    Kind.NAMED,
    1_790_000_000_000,
    -300,
    AuthorId(PublicKey(b"a" * 32)),
    Counts(3, 2, 812),
    VERSION,
)
SAFETY = replace(FIRST, id="f" * 16, kind=Kind.SAFETY, at_ms=FIRST.at_ms + 1, after=VERSION)


def test_what_was_put_in_is_read_newest_first() -> None:
    document = Document(PeerId(1))
    for snapshot in (FIRST, SAFETY):
        put_snapshot(document, snapshot)
    assert read_snapshots(document) == [SAFETY, FIRST]


def test_a_rename_and_a_removal_made_apart_both_count() -> None:
    here, there = Document(PeerId(1)), Document(PeerId(2))
    for snapshot in (FIRST, SAFETY):
        put_snapshot(here, snapshot)
    with here.edit():
        pass
    there.import_update(here.export_since(versions.EMPTY))
    with here.edit():
        rename_snapshot(here, FIRST.id, "the first")
    with there.edit():
        remove_snapshot(there, SAFETY.id)
    here.import_update(there.export_since(here.version()))
    there.import_update(here.export_since(there.version()))
    assert read_snapshots(here) == read_snapshots(there) == [replace(FIRST, name="the first")]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5)
    | st.binary(max_size=40) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=7), max_leaves=8,
)  # fmt: skip


@given(st.sampled_from(["name", "message", "kind", "made", "version", "after"]), VALUES)
def test_whatever_others_wrote_raises_nothing(column: str, value: Any) -> None:
    document = Document(PeerId(1))
    put_snapshot(document, FIRST)
    document.map_set(column, FIRST.id, value)
    for snapshot in read_snapshots(document):
        assert len(snapshot.name) <= 200
        assert isinstance(snapshot.version, ProjectVersion)


@pytest.mark.parametrize(
    "name", ["", "  ", "@{yesterday}", "x@{1}", "-v", "a\nb", "x" * 201, "\x1b"]
)
def test_a_name_that_would_be_something_else_is_refused(name: str) -> None:
    with pytest.raises(NameInvalid):
        check_name(name)


def test_a_name_may_hold_what_people_write() -> None:
    assert check_name("  Second draft, after Ada's notes — v2 ") == (
        "Second draft, after Ada's notes — v2"
    )
