"""Which path each file has on disk: the same on every device."""

from collections.abc import Mapping, Set

from sakya_sync.ids import FileId
from sakya_sync.mapping.names import alias, collision_key
from sakya_sync.mapping.structure import Entry


def render_paths(entries: Mapping[FileId, Entry], hidden: Set[FileId]) -> dict[FileId, str]:
    """A path for every file that is not hidden; of several with one path the lowest id keeps it.

    The others get `-2`, `-3` and so on. A file where another has a folder counts as a collision.
    """
    visible = sorted(
        (entry for file, entry in entries.items() if file not in hidden),
        key=lambda entry: entry.file,
    )
    folders = {key for entry in visible for key in _folders(entry.path)}
    wanted = {collision_key(entry.path) for entry in visible}
    taken: set[str] = set()
    rendered: dict[FileId, str] = {}
    moved: list[Entry] = []
    for entry in visible:
        key = collision_key(entry.path)
        if key in taken or key in folders:
            moved.append(entry)
        else:
            taken.add(key)
            rendered[entry.file] = entry.path
    for entry in moved:
        number = 2
        while True:
            path = alias(entry.path, number)
            key = collision_key(path)
            if key not in taken and key not in folders and key not in wanted:
                break
            number += 1
        taken.add(key)
        rendered[entry.file] = path
    return rendered


def _folders(path: str) -> list[str]:
    parts = collision_key(path).split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
