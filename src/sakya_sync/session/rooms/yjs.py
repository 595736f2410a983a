"""Plain `%YJS` rooms: a Yjs document with state vectors. Spec: docs/protocol.md#plain."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from pycrdt import Doc, get_state, get_update, merge_updates

from sakya_sync.errors import UpdateInvalid
from sakya_sync.session.rooms.plain import VersionUnknown, Welcome

T = TypeVar("T")

EMPTY_STATE: Final = b"\x00"
NOTHING: Final = b"\x00\x00"
_ENDS = (KeyboardInterrupt, SystemExit, GeneratorExit)


class YjsRoom:
    """`plain.DocumentRoom`.

    A document is there to try updates on and to tell how far it has come. What is sent and kept is
    made of the updates themselves: a document's own export leaves out what waits for others.
    """

    def __init__(self) -> None:
        self._doc: Doc[Any] = Doc()
        self._updates: list[bytes] = []

    def restore(self, updates: Sequence[bytes]) -> None:
        """Begin from what is kept."""
        for update in updates:
            self._apply(update)

    def welcome(self, version: bytes) -> Welcome | VersionUnknown:
        """What the client lacks by its state vector."""
        held = _guarded(self._doc.get_state)
        whole = self.condense()
        if whole is None:
            return Welcome(held)
        known = version or EMPTY_STATE
        try:
            lacked = _guarded(lambda: get_update(whole, known))
        except UpdateInvalid:
            return VersionUnknown(held)
        return Welcome(held, updates=() if lacked == NOTHING else (lacked,))

    def take(self, update: bytes) -> bool:
        """Try it. Raises UpdateInvalid."""
        if update == NOTHING or update in self._updates:
            return False
        self._apply(update)
        return True

    def condense(self) -> bytes | None:
        """All updates in one; what waits for others is in it."""
        if len(self._updates) > 1:
            self._updates = [_guarded(lambda: merge_updates(*self._updates))]
        return self._updates[0] if self._updates else None

    def _apply(self, update: bytes) -> None:
        _guarded(lambda: self._doc.apply_update(update))
        # What cannot be measured cannot be merged with others later.
        _guarded(lambda: get_state(update))
        self._updates.append(update)


def _guarded(function: Callable[[], T]) -> T:
    """Raises UpdateInvalid for whatever the library raises, panics too."""
    try:
        return function()
    except _ENDS:
        raise
    except BaseException as error:
        raise UpdateInvalid(str(error)[:200]) from None
