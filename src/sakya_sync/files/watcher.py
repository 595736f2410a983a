"""Changes in a folder as they happen."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from watchfiles import Change, awatch
from watchfiles._rust_notify import WatchfilesRustInternalError

from sakya_sync.files.faults import translated
from sakya_sync.mapping.names import TEMPORARY_PREFIX

STEP_MS: Final = 10
DEBOUNCE_MS: Final = 20
POLL_MS: Final = 500
# Events get lost: an overflowing queue, a network drive. Looking anew from time to time finds what
# they did not tell.
RESCAN_SECONDS: Final = 30.0


async def changes(
    root: Path, stop: asyncio.Event, polling: Callable[[], None] = lambda: None
) -> AsyncIterator[None]:
    """Yield whenever something in the folder may have changed, until `stop` is set.

    Where the system has no room for another watch, the folder is polled.

    Args: polling: called once where that is so.

    Raises: PermissionMissing, LocalFault.
    """
    # An absolute path: awatch reports absolute ones.
    watched = root.absolute()
    try:
        async for _ in awatch(
            watched,
            watch_filter=_ours,
            step=STEP_MS,
            debounce=DEBOUNCE_MS,
            stop_event=stop,
            rust_timeout=int(RESCAN_SECONDS * 1000),
            yield_on_timeout=True,
            recursive=True,
        ):
            yield
    # For want of a watch, or of a queue to have watches in.
    except (OSError, WatchfilesRustInternalError):
        polling()
        with translated(watched):
            async for _ in awatch(
                watched,
                watch_filter=_ours,
                stop_event=stop,
                force_polling=True,
                poll_delay_ms=POLL_MS,
            ):
                yield


def _ours(change: Change, path: str) -> bool:  # noqa: ARG001
    """Everything but what this program writes for itself."""
    return TEMPORARY_PREFIX not in path
