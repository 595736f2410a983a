"""Which of a project's files are its chapters, in what order, and what is said of them.

By the app's format where a project is kept in it (`manuscript/manuscript.yaml` lists the slugs);
any other folder's chapters are its Markdown files, by path. Only reads; what cannot be read counts
as not being there.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

MANUSCRIPT: Final = "manuscript/"
ORDER: Final = "manuscript/manuscript.yaml"
_SUFFIXES: Final = (".md", ".markdown")


def chapter_paths(paths: Iterable[str]) -> list[str]:
    """The chapters among some paths, by path."""
    texts = sorted(path for path in paths if path.lower().endswith(_SUFFIXES))
    return [path for path in texts if path.startswith(MANUSCRIPT)] or texts


def chapters(files: Mapping[str, bytes]) -> list[tuple[str, str, int | None]]:
    """(path, title, words it is meant to have), in reading order."""
    listed = _read(files.get(ORDER, b"")).get("chapters")
    order = {slug: place for place, slug in enumerate(listed if isinstance(listed, list) else [])
             if isinstance(slug, str)}  # fmt: skip
    found = []
    for path in chapter_paths(files):
        front = _front_matter(files[path])
        slug = path.rpartition("/")[2].rpartition(".")[0]
        title, target = front.get("title"), front.get("targetWords")
        place = order.get(slug, len(order))
        wanted = target if isinstance(target, int) and target > 0 else None
        found.append((place, path, str(title or slug), wanted))
    found.sort(key=lambda item: item[:2])
    return [(path, title, target) for _, path, title, target in found]


def _front_matter(data: bytes) -> dict[str, Any]:
    head, separator, rest = data.partition(b"---")
    if head.strip(b"\xef\xbb\xbf \r\n") or not separator:
        return {}
    front, separator, _ = rest.partition(b"\n---")
    return _read(front) if separator else {}


def _read(source: bytes) -> dict[str, Any]:
    from yaml import YAMLError, safe_load

    try:
        value = safe_load(source.decode("utf-8", "replace"))
    except (YAMLError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
