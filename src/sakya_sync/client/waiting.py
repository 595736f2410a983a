"""Waiting for something to happen, but not for ever."""

import asyncio

from sakya_sync.ports import Clock


async def set_or_after(event: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Until the event is set, or so many seconds are over."""
    timer = asyncio.ensure_future(clock.sleep(seconds))
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((timer, waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        waiting.cancel()
