"""The rooms that every subject of a kind has. Spec: docs/protocol.md#rooms."""

from typing import Final

ACCESS: Final = "access"
STRUCTURE: Final = "structure"
HOME: Final = "home"
SNAPSHOTS: Final = "snapshots"
