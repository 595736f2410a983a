from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.mapping.chapters import chapter_paths, chapters

FILES = {
    "manuscript/manuscript.yaml": b"chapters:\n  - two\n  - one\n",
    "manuscript/one.md": b"---\ntitle: The Salt\nslug: one\ntargetWords: 1200\n---\n\nIt.\n",
    "manuscript/two.md": b"\xef\xbb\xbf---\r\ntitle: 'Corrow'\r\n---\r\nThey.\r\n",
    "manuscript/stray.md": b"No front matter.\n",
    "notes/plot.md": b"A note.\n",
}


def test_chapters_come_in_the_order_of_the_manuscript_and_strays_last() -> None:
    assert chapters(FILES) == [
        ("manuscript/two.md", "Corrow", None),
        ("manuscript/one.md", "The Salt", 1200),
        ("manuscript/stray.md", "stray", None),
    ]


def test_in_a_folder_of_any_other_kind_every_text_is_a_chapter() -> None:
    assert chapter_paths(["b.md", "a.markdown", "x.yaml", "c/d.MD"]) == [
        "a.markdown",
        "b.md",
        "c/d.MD",
    ]


@given(st.binary(max_size=60), st.binary(max_size=40))
def test_what_cannot_be_read_counts_as_not_being_there(front: bytes, listed: bytes) -> None:
    files = {
        "manuscript/one.md": b"---\n" + front + b"\n---\n",
        "manuscript/manuscript.yaml": listed,
    }
    ((path, title, target),) = chapters(files)
    assert path == "manuscript/one.md"
    assert isinstance(title, str)
    assert target is None or target > 0


def test_hostile_yaml_is_only_data() -> None:
    hostile = b"---\ntitle: !!python/object/apply:os.system ['true']\ntargetWords: true\n---\n"
    assert chapters({"one.md": hostile}) == [("one.md", "one", None)]
