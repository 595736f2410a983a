"""Paths in a project: relative, with `/`, in NFC, and fit for Linux, macOS and Windows."""

from typing import Final
from unicodedata import category, normalize

from sakya_sync.errors import NameInvalid
from sakya_sync.limits import PATH_BYTES_MAX, PATH_PART_BYTES_MAX

_FORBIDDEN: Final = frozenset('<>:"|?*\\')
_RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"com{number}" for number in range(10)]
    + [f"lpt{number}" for number in range(10)]
)
OWN_FOLDER: Final = ".sakya"
SYNCED_OF_OWN: Final = ".sakya/sessions.yaml"
TEMPORARY_PREFIX: Final = ".sakya-tmp-"


def check_path(path: str) -> str:
    """A path as documents hold it, in NFC.

    What does not pass never reaches a disk, whoever sent it. Raises NameInvalid.
    """
    normal = normalize("NFC", path)
    if len(normal.encode("utf-8", "surrogatepass")) > PATH_BYTES_MAX:
        raise NameInvalid("the path is too long", name=path)
    for part in normal.split("/"):
        _check_part(part, path)
    own = normal.partition("/")[0].casefold() == OWN_FOLDER
    if own and normal != SYNCED_OF_OWN:
        raise NameInvalid("Sakya Sync keeps that folder for itself", name=path)
    return normal


def collision_key(path: str) -> str:
    """Equal for paths that cannot both be on every system."""
    return normalize("NFC", normalize("NFC", path).casefold())


def alias(path: str, number: int) -> str:
    """The path that a file gets when another has its own: `x.md` becomes `x-2.md`.

    A name that would get too long loses as much of its end.
    """
    folder, separator, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    mark = f"-{number}"
    room = min(PATH_PART_BYTES_MAX, PATH_BYTES_MAX - len(f"{folder}{separator}".encode()))
    beginning, ending = stem, f"{mark}{dot}{suffix}"
    if len(ending.encode()) >= room:
        beginning, ending = name, mark
    cut = beginning.encode()[: max(1, room - len(ending.encode()))].decode(errors="ignore")
    return f"{folder}{separator}{cut}{ending}"


def _check_part(part: str, path: str) -> None:
    if part in ("", ".", ".."):
        raise NameInvalid("it has an empty part, `.` or `..`", name=path)
    if any(category(character) in ("Cc", "Cs") for character in part):
        raise NameInvalid("it has a control character", name=path)
    if _FORBIDDEN.intersection(part):
        raise NameInvalid("it has a character that Windows forbids", name=path)
    if part[-1] in " .":
        raise NameInvalid("it ends in a space or a dot", name=path)
    if part.partition(".")[0].casefold() in _RESERVED:
        raise NameInvalid("Windows keeps that name for a device", name=path)
    if len(part.encode()) > PATH_PART_BYTES_MAX:
        raise NameInvalid("a part of it is too long", name=path)
    if part.startswith(TEMPORARY_PREFIX):
        raise NameInvalid("it looks like a temporary file of ours", name=path)
