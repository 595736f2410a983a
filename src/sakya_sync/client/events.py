"""What happens in a project, for whoever watches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sakya_sync.errors import SakyaError

NAMED_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class FileChanged:
    """A file has new content, or is new."""

    path: str
    here: bool
    """Whether it was written on this device, and not elsewhere."""

    def sentence(self) -> str:
        return f"{'sent' if self.here else 'received'}  {self.path}"

    def describe(self) -> dict[str, object]:
        return {"event": "file-changed", "path": self.path, "here": self.here}


@dataclass(frozen=True, slots=True)
class FileRemoved:
    """A file is gone, or has moved away from that path."""

    path: str
    here: bool

    def sentence(self) -> str:
        return f"{'removed' if self.here else 'removed elsewhere'}  {self.path}"

    def describe(self) -> dict[str, object]:
        return {"event": "file-removed", "path": self.path, "here": self.here}


@dataclass(frozen=True, slots=True)
class InSync:
    """Nothing is on its way, in either direction."""

    def sentence(self) -> str:
        return "in sync"

    def describe(self) -> dict[str, object]:
        return {"event": "in-sync"}


@dataclass(frozen=True, slots=True)
class Offline:
    """The relay is out of reach, or refuses; edits are kept and sent later."""

    problem: SakyaError

    def sentence(self) -> str:
        return f"offline: {self.problem.message}"

    def describe(self) -> dict[str, object]:
        return {
            "event": "offline",
            "code": self.problem.code,
            "message": self.problem.message,
            "hint": self.problem.hint,
        }


@dataclass(frozen=True, slots=True)
class Online:
    """The relay answers again."""

    def sentence(self) -> str:
        return "connected"

    def describe(self) -> dict[str, object]:
        return {"event": "online"}


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that a writer should look at."""

    path: str
    reason: str

    def sentence(self) -> str:
        return f"look at  {self.path}: {self.reason}"

    def describe(self) -> dict[str, object]:
        return {"event": "attention", "path": self.path, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Held:
    """So much was taken away here at once that it waits for the writer's word."""

    paths: tuple[str, ...]

    def sentence(self) -> str:
        return (
            f"held  {held_words(self.paths)}; nothing of it was done elsewhere: "
            "`sakya approve` if it is meant, `sakya put-back` if not"
        )

    def describe(self) -> dict[str, object]:
        return {"event": "held", "paths": list(self.paths)}


def held_words(paths: Sequence[str]) -> str:
    """What is held, in a few words."""
    more = f" and {len(paths) - NAMED_MAX} more" if len(paths) > NAMED_MAX else ""
    verb = "file is gone or almost empty" if len(paths) == 1 else "files are gone or almost empty"
    return f"{len(paths)} {verb}: {', '.join(paths[:NAMED_MAX])}{more}"


Event: TypeAlias = FileChanged | FileRemoved | InSync | Offline | Online | Attention | Held
