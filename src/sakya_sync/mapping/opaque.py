"""Opaque files: a document holds the versions that nobody has replaced yet.

A device that writes a new version removes those it knew. So one version is the rule, and two mean
that two devices wrote at once: the one with the greatest id is shown, and each other one becomes a
file of its own beside it, with an id that every device derives alike.
"""

from collections.abc import Mapping
from typing import Any, Final

from sakya_sync.limits import OPAQUE_BYTES_MAX
from sakya_sync.mapping.content import digest_of

VERSIONS: Final = "versions"


def version_id(content: bytes) -> str:
    """Names a version by what it holds, so that the same one twice is one."""
    return digest_of(content)[:16].hex()


def read_versions(items: Mapping[str, Any]) -> dict[str, bytes]:
    """The versions in a document; what is none, or too large, is left out."""
    return {
        key: value
        for key, value in items.items()
        if isinstance(value, bytes) and len(value) <= OPAQUE_BYTES_MAX and key == version_id(value)
    }


def shown_version(versions: Mapping[str, bytes]) -> str | None:
    """The version that the file itself shows."""
    return max(versions, default=None)


def kept_beside(versions: Mapping[str, bytes]) -> list[str]:
    """The versions that get a file of their own."""
    return sorted(versions)[:-1]
