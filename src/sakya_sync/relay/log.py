"""The relay's log: one JSON object a line on standard error; no room name and no content in it."""

import sys
from hashlib import blake2b

import structlog

from sakya_sync.ids import RoomId

_INFO = 20
_ERROR = 40


def make_log(*, quiet: bool = False) -> structlog.typing.FilteringBoundLogger:
    """A logger that the caller hands on; nothing global is configured."""
    log: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_ERROR if quiet else _INFO),
    )
    return log


def short(room: RoomId) -> str:
    """Eight characters that tell rooms apart in a log, and do not name them."""
    return blake2b(room.encode(), digest_size=4).hexdigest()
