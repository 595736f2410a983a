import random

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.mapping.names import collision_key
from sakya_sync.mapping.rendering import render_paths

from .samples import entry, file

paths = st.lists(
    st.sampled_from(["a.md", "A.md", "a-2.md", "a", "a/b.md", "a/B.md", "c.md"]), max_size=8
)


@given(paths, st.integers())
def test_every_device_gives_every_file_the_same_place_of_its_own(
    wanted: list[str], seed: int
) -> None:
    entries = [entry(f"f{number}", path) for number, path in enumerate(wanted)]
    shuffled = list(entries)
    random.Random(seed).shuffle(shuffled)
    rendered = render_paths({item.file: item for item in entries}, set())
    assert rendered == render_paths({item.file: item for item in shuffled}, set())
    keys = [collision_key(path) for path in rendered.values()]
    assert len(set(keys)) == len(entries)
    folders = {key.rpartition("/")[0] for key in keys}
    assert not folders.intersection(keys) - {""}


def test_the_lowest_id_keeps_the_path_and_hidden_files_take_none() -> None:
    entries = {item.file: item for item in (entry("1", "x.md"), entry("2", "x.md"))}
    assert render_paths(entries, set()) == {file("1"): "x.md", file("2"): "x-2.md"}
    assert render_paths(entries, {file("1")}) == {file("2"): "x.md"}
