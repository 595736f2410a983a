"""What pages are printed on: templates beside this module, and what all of them need.

Everything that a person wrote is cleaned of what no screen should be sent, then escaped; a page's
Content-Security-Policy allows its one style sheet, by its hash, and nothing else.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sakya_sync.history import phrases

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

PATH_MOST: Final = 90


def paper(clean: Callable[[str], str]) -> Environment:
    """Templates, with the filters that every page uses.

    Args: clean: what every text goes through before it is escaped.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sakya_sync.history"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: clean(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": lambda count: f"{count:,}",
        "folder_and_file": _folder_and_file,
    }
    return environment


def sheet_hash(sheet: str) -> str:
    """A style sheet as a Content-Security-Policy names it."""
    return b64encode(sha256(sheet.encode()).digest()).decode()


def _folder_and_file(path: str) -> tuple[str, str]:
    folder, slash, file = phrases.shortened_path(path, PATH_MOST).rpartition("/")
    return folder + slash, file
