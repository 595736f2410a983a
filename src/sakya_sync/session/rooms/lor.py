"""Plain `%LOR` rooms: a Loro document with version vectors. Spec: docs/protocol.md#plain."""

from collections.abc import Sequence
from typing import Final

from sakya_sync.errors import RecordError
from sakya_sync.ids import PeerId
from sakya_sync.record import versions
from sakya_sync.replica.document import Document
from sakya_sync.session.rooms.plain import VersionUnknown, Welcome

_NOBODY: Final = PeerId(0)
"""The relay never writes into the document."""


class LoroRoom:
    """`plain.DocumentRoom`."""

    def __init__(self) -> None:
        self._document = Document(_NOBODY)
        # What has come before what it builds on: no export has it, and whoever joins needs it too.
        self._early: list[bytes] = []

    def restore(self, updates: Sequence[bytes]) -> None:
        """Begin from a snapshot and what came after it."""
        if updates:
            self._document.import_all(updates)
        if self._document.waits:
            self._early = list(updates)

    def welcome(self, version: bytes) -> Welcome | VersionUnknown:
        """The operations that the client lacks; everything, as a snapshot, if it has none."""
        held = self._document.version()
        answer = versions.encode(held)
        try:
            known = versions.decode(version) if version else versions.EMPTY
        except RecordError:
            return VersionUnknown(answer)
        if known.includes(held):
            return Welcome(answer, updates=tuple(self._early))
        # A snapshot loads without replaying anything.
        if len(known):
            lacked = self._document.export_since(known)
        else:
            lacked = self._document.export_snapshot()
        return Welcome(answer, updates=(lacked, *self._early))

    def take(self, update: bytes) -> bool:
        """Import it. Raises UpdateInvalid."""
        imported = self._document.import_update(update)
        if imported.pending:
            self._early.append(update)
        elif not self._document.waits:
            self._early.clear()
        return imported.changed or imported.pending

    def condense(self) -> bytes | None:
        """A snapshot, unless some operations wait for others: it would leave them out."""
        return None if self._document.waits else self._document.rebase()
