"""Every story by its name, as `--story` takes it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sakya_sync.testing.story import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sakya_sync.testing.world import Tale

STORIES: Final[Mapping[str, Tale]] = MappingProxyType({"documents": tell})
