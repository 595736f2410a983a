"""A relay's refusals, as errors that a person can act on."""

from sakya_sync.errors import (
    AccessRefused,
    ClockSkewed,
    LimitExceeded,
    NotRegistered,
    RelayFaulty,
    RemoteViolation,
    SakyaError,
)
from sakya_sync.session import client as session
from sakya_sync.wire.messages import AckStatus, JoinErrorCode

CLOCK_SKEW = "clock_skew"


def refusal(
    event: session.JoinRefused | session.Evicted | AckStatus, relay: str, now_ms: int = 0
) -> SakyaError:
    """What a refused join, an eviction or a refused batch means."""
    match event:
        case session.JoinRefused(code=JoinErrorCode.AUTH_FAILED):
            return AccessRefused("it knows no right of this device to the project", relay=relay)
        case session.JoinRefused(code=JoinErrorCode.APP, app_code="clock_skew", message=relay_ms):
            known = relay_ms.isascii() and relay_ms.isdigit() and len(relay_ms) < 16
            seconds = abs(int(relay_ms) - now_ms) // 1000 if known and now_ms else "too many"
            return ClockSkewed(seconds=seconds, relay=relay)
        case session.JoinRefused(code=JoinErrorCode.APP, app_code="not_registered"):
            return NotRegistered(address=relay)
        case session.JoinRefused(code=JoinErrorCode.UNKNOWN, message=message):
            return RelayFaulty(message[:200], address=relay)
        case session.JoinRefused(message=message):
            return RemoteViolation(f"join refused: {message[:200]}")
        case session.Evicted():
            return AccessRefused("it put this device out of the project", relay=relay)
        case AckStatus.PERMISSION_DENIED:
            return AccessRefused("this device may read the project, but not write", relay=relay)
        case AckStatus.TOO_LARGE:
            return LimitExceeded("the relay takes no record of that size")
        case AckStatus.RATE_LIMITED:
            return RelayFaulty("it takes no more of this project for now", address=relay)
        case AckStatus.UNKNOWN | AckStatus.FRAGMENT_TIMEOUT:
            return RelayFaulty("it could not store it", address=relay)
        case _:
            return RemoteViolation(f"the relay refused a batch with status {int(event)}")
