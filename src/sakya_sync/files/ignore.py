"""Which files are none of a project's: what editors, systems and other tools leave behind."""

from typing import Final

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore import GitIgnorePatternError

from sakya_sync.mapping.names import OWN_FOLDER, SYNCED_OF_OWN

FILE: Final = ".sakyaignore"

BUILT_IN: Final = (
    ".git/",
    ".hg/",
    ".svn/",
    "node_modules/",
    ".DS_Store",
    "._*",
    "Thumbs.db",
    "desktop.ini",
    "*.swp",
    "*.swo",
    "*~",
    ".#*",
    "\\#*#",
    "4913",
    "*.tmp",
    ".~lock.*",
    "*.part",
    ".sakya-tmp-*",
    ".sakya-trash/",
    ".stfolder",
)


class Ignore:
    """The built-in patterns and those of a project's `.sakyaignore`, in .gitignore's syntax."""

    def __init__(self, patterns: str = "") -> None:
        asked = list(filter(_valid, patterns.splitlines()))
        self._spec = GitIgnoreSpec.from_lines([*BUILT_IN, *asked])
        self._asked = GitIgnoreSpec.from_lines(asked)

    def file(self, path: str) -> bool:
        """Whether a file is to be left alone."""
        if path.startswith(f"{OWN_FOLDER}/"):
            return path != SYNCED_OF_OWN
        return self._spec.match_file(path)

    def folder(self, path: str) -> bool:
        """Whether nothing in a folder is the project's."""
        return path != OWN_FOLDER and self._spec.match_file(f"{path}/")

    def asked(self, path: str) -> bool:
        """Whether it is the project's own patterns that leave a file or folder alone."""
        return self._asked.match_file(path) or self._asked.match_file(f"{path}/")


def _valid(pattern: str) -> bool:
    """Git takes a pattern that is none, like a lone backslash, for one that matches nothing."""
    try:
        GitIgnoreSpec.from_lines([pattern])
    except GitIgnorePatternError:
        return False
    return True
