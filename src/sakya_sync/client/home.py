"""The home of one device: where its vault, its account and its projects' state lie.

    HOME/vault                 the device's secrets, locked
    HOME/vault.key             the vault's key, where neither a passphrase nor a keyring guards it
    HOME/account/state.sqlite  the account's rooms
    HOME/projects/<id>/        state.sqlite of one project, its lock, and its trash

Nothing here opens a vault or a network connection, so that `status` can read it in a moment.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from sakya_sync.errors import FolderNotAProject, PermissionMissing
from sakya_sync.ids import SubjectId, encode_id
from sakya_sync.ports import Disk
from sakya_sync.store.disk import SYSTEM_DISK

POINTER = Path(".sakya") / "sync.toml"


@dataclass(frozen=True, slots=True)
class Home:
    """One device's directory; only its user may read it."""

    path: Path
    disk: Disk = SYSTEM_DISK
    keyring: bool = True
    """Whether the system's keyring may hold the vault's key."""

    @classmethod
    def default(cls) -> "Home":
        """SAKYA_HOME, or where this system keeps an application's state."""
        chosen = os.environ.get("SAKYA_HOME")
        if chosen:
            return cls(Path(chosen).expanduser().absolute())
        from platformdirs import user_state_path

        return cls(user_state_path("sakya-sync", appauthor=False))

    @property
    def vault(self) -> Path:
        """The locked vault."""
        return self.path / "vault"

    @property
    def vault_key(self) -> Path:
        """The key file of a vault that nothing else guards."""
        return self.path / "vault.key"

    @property
    def account(self) -> Path:
        """The folder of the account's state."""
        return self.path / "account"

    def project(self, subject: SubjectId) -> Path:
        """The folder of one project's state."""
        return self.path / "projects" / encode_id(subject)

    def projects(self) -> list[Path]:
        """The folders of all projects this device has, by id."""
        try:
            found = sorted((self.path / "projects").iterdir())
        except FileNotFoundError:
            return []
        except PermissionError as error:
            raise PermissionMissing(path=self.path) from error
        return [path for path in found if (path / "state.sqlite").exists()]

    def make(self) -> None:
        """Create the directory, for its user alone.

        Raises PermissionMissing.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except PermissionError as error:
            raise PermissionMissing(path=self.path) from error


@dataclass(frozen=True, slots=True)
class Located:
    """A project on this device."""

    folder: Path
    """The folder itself, absolute."""
    state: Path
    """Where its state lies."""


def project_of(folder: Path, home: Home) -> Located:
    """The project that `folder`, or a folder above it, is.

    Raises FolderNotAProject, PermissionMissing.
    """
    start = folder.absolute()
    for candidate in (start, *start.parents):
        try:
            pointer = tomllib.loads((candidate / POINTER).read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            raise PermissionMissing(path=candidate / POINTER) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise FolderNotAProject(folder=folder) from error
        state = home.path / "projects" / str(pointer.get("project", ""))
        if (state / "state.sqlite").exists():
            return Located(candidate, state)
    raise FolderNotAProject(folder=folder)


def write_pointer(folder: Path, subject: SubjectId) -> None:
    """Mark a folder as a project of this device; the pointer holds no secret.

    Raises PermissionMissing.
    """
    pointer = folder / POINTER
    try:
        pointer.parent.mkdir(exist_ok=True)
        pointer.write_text(f'# Which project this folder is.\nproject = "{encode_id(subject)}"\n')
    except PermissionError as error:
        raise PermissionMissing(path=pointer) from error
