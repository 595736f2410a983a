import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.files.ignore import BUILT_IN, FILE, Ignore
from sakya_sync.mapping.names import OWN_FOLDER, SYNCED_OF_OWN, TEMPORARY_PREFIX

NAMES = st.text(st.sampled_from("abcé .-_"), min_size=1, max_size=8).filter(
    lambda name: not name.startswith(".") and name == name.strip()
)
FOLDERS = st.lists(NAMES, max_size=3).map(lambda parts: "".join(f"{part}/" for part in parts))
LEFT_BEHIND = [
    ".DS_Store",
    "._chapter.md",
    "Thumbs.db",
    "desktop.ini",
    ".chapter.md.swp",
    ".chapter.md.swo",
    "chapter.md~",
    ".#chapter.md",
    "#chapter.md#",
    "4913",
    "chapter.tmp",
    ".~lock.chapter.odt#",
    "chapter.md.part",
    f"{TEMPORARY_PREFIX}0011223344556677",
]
OTHER_TOOLS = [".git", ".hg", ".svn", "node_modules", ".stfolder", ".sakya-trash"]


@given(FOLDERS, NAMES, st.sampled_from([".md", ".yaml", ".txt", ".png", ""]))
def test_what_a_writer_writes_is_the_projects(folder: str, name: str, suffix: str) -> None:
    assert not Ignore().file(f"{folder}{name}{suffix}")
    assert not folder or not Ignore().folder(folder.rstrip("/"))


@given(FOLDERS, st.sampled_from(LEFT_BEHIND))
def test_what_editors_and_systems_leave_behind_is_not_in_any_folder(folder: str, name: str) -> None:
    assert Ignore().file(f"{folder}{name}")


@given(FOLDERS, st.sampled_from(OTHER_TOOLS), NAMES)
def test_the_folders_of_other_tools_are_left_alone_with_all_in_them(
    folder: str, tool: str, name: str
) -> None:
    assert Ignore().folder(f"{folder}{tool}")
    assert Ignore().file(f"{folder}{tool}/{name}")


def test_every_built_in_pattern_has_an_example_above() -> None:
    for pattern in BUILT_IN:
        alone = Ignore.__new__(Ignore)
        alone._spec = type(Ignore()._spec).from_lines([pattern])
        assert any(map(alone.file, LEFT_BEHIND)) or any(map(alone.folder, OTHER_TOOLS)), pattern


@given(st.text(max_size=40))
def test_of_the_programs_own_folder_one_file_is_the_projects_whatever_is_ignored(
    patterns: str,
) -> None:
    ignore = Ignore(f"{patterns}\n{OWN_FOLDER}/\n*")
    assert not ignore.folder(OWN_FOLDER)
    assert not ignore.file(SYNCED_OF_OWN)
    for name in ("lock", "state.sqlite", "device.json", "deep/sessions.yaml"):
        assert ignore.file(f"{OWN_FOLDER}/{name}")


def test_the_list_of_what_is_ignored_is_itself_the_projects() -> None:
    assert not Ignore("*.log").file(FILE)


@pytest.mark.parametrize(
    ("patterns", "ignored", "kept"),
    [
        ("*.log", ["a.log", "deep/down/a.log"], ["a.md", "log"]),
        ("/drafts/", ["drafts/a.md"], ["old/drafts/a.md", "drafts"]),
        ("drafts/", ["drafts/a.md", "old/drafts/a.md"], ["drafts.md"]),
        ("*.md\n!keep.md", ["a.md"], ["keep.md", "deep/keep.md"]),
        ("# *.md\n\n  \n", [], ["a.md", "# a.md"]),
        ("\\#a.md", ["#a.md"], ["a.md"]),
        ("notes/**/old", ["notes/old", "notes/a/b/old"], ["old"]),
        ("caf?.md", ["café.md"], ["cafés.md"]),
        ("*.log\r\n*.bak\r\n", ["a.log", "a.bak"], ["a.md"]),
        ("!*.tmp", [], ["chapter.tmp"]),
    ],
)
def test_a_project_ignores_in_the_way_that_gitignore_does(
    patterns: str, ignored: list[str], kept: list[str]
) -> None:
    ignore = Ignore(patterns)
    assert [path for path in ignored if not ignore.file(path)] == []
    assert [path for path in kept if ignore.file(path)] == []


@given(st.text())
def test_no_list_of_patterns_stops_a_scan(patterns: str) -> None:
    ignore = Ignore(patterns)
    assert isinstance(ignore.file("a.md"), bool)
    assert isinstance(ignore.folder("notes"), bool)
