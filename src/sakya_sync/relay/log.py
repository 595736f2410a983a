"""The relay's log: one JSON object a line on standard error.

It names no person, project or device: no room, key, address or content. What has to be told apart
stands there as `short` makes it, which is another in each process.
"""

import logging
import secrets
import sys
import traceback
from hashlib import blake2b
from pathlib import PurePath
from typing import Final

import structlog

_KEY: Final = secrets.token_bytes(16)


def make_log(level: str = "info") -> structlog.typing.FilteringBoundLogger:
    """A logger that the caller hands on; nothing global is configured.

    Args: level: info, warning or error.
    """
    log: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
    )
    return log


def short(identifier: str | bytes) -> str:
    """Eight characters that tell identifiers apart in one run's log, and do not name them."""
    encoded = identifier.encode() if isinstance(identifier, str) else identifier
    return blake2b(encoded, digest_size=4, key=_KEY).hexdigest()


def where(error: BaseException) -> list[str]:
    """Where something went wrong; its message, which may quote what a client sent, is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames]
