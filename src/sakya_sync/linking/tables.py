"""How a linking goes, as a table. Both devices move by it; what is not in it ends the linking."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class LinkingState(Enum):
    """Where one device is in a linking."""

    MEETING = "meeting"
    CONFIRMING = "confirming"
    CHECKING = "checking"
    OPEN = "open"
    APPROVING = "approving"
    PROVISIONING = "provisioning"
    SHARING = "sharing"
    LINKED = "linked"
    FAILED = "failed"


class LinkingSignal(Enum):
    """What moves it."""

    MET = "both have the keys of a shown code"
    SHARES_MET = "both have the keys of a typed code"
    CONFIRMED = "both proved the same code"
    CHECKED = "the check code was typed right"
    GREETED = "the new device has said who it is"
    APPROVED = "a person approved, and the delegation is there"
    REGISTERED = "the relay knows the new device"
    SHARED = "every key is sealed to it"
    FAILED = "refused, broken off, or too late"


LINKING: Final[Mapping[tuple[LinkingState, LinkingSignal], LinkingState]] = MappingProxyType(
    {
        (LinkingState.MEETING, LinkingSignal.MET): LinkingState.CHECKING,
        (LinkingState.MEETING, LinkingSignal.SHARES_MET): LinkingState.CONFIRMING,
        (LinkingState.CONFIRMING, LinkingSignal.CONFIRMED): LinkingState.OPEN,
        (LinkingState.CHECKING, LinkingSignal.CHECKED): LinkingState.OPEN,
        (LinkingState.OPEN, LinkingSignal.GREETED): LinkingState.APPROVING,
        (LinkingState.APPROVING, LinkingSignal.APPROVED): LinkingState.PROVISIONING,
        (LinkingState.PROVISIONING, LinkingSignal.REGISTERED): LinkingState.SHARING,
        (LinkingState.SHARING, LinkingSignal.SHARED): LinkingState.LINKED,
        (LinkingState.MEETING, LinkingSignal.FAILED): LinkingState.FAILED,
        (LinkingState.CONFIRMING, LinkingSignal.FAILED): LinkingState.FAILED,
        (LinkingState.CHECKING, LinkingSignal.FAILED): LinkingState.FAILED,
        (LinkingState.OPEN, LinkingSignal.FAILED): LinkingState.FAILED,
        (LinkingState.APPROVING, LinkingSignal.FAILED): LinkingState.FAILED,
        (LinkingState.PROVISIONING, LinkingSignal.FAILED): LinkingState.FAILED,
        (LinkingState.SHARING, LinkingSignal.FAILED): LinkingState.FAILED,
    }
)

ENDED: Final = frozenset({LinkingState.LINKED, LinkingState.FAILED})
