"""Who sits at a device while it is linked, and the ways in which codes travel.

Spec: docs/protocol.md#linking.
"""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from sakya_sync.linking.codes import read_code
from sakya_sync.linking.messages import Hello
from sakya_sync.linking.payload import PREFIX, decode, from_text


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person says to a new device."""

    name: str | None = None
    """What to call it; by the name it gave, if left out."""


class Person(Protocol):
    """Who sits at a device while it is linked."""

    def show_text(self, text: str) -> None:
        """Show a code, as a picture and as text."""

    def show_code(self, code: str) -> None:
        """Show a code to be typed."""

    def show_check_code(self, digits: str) -> None:
        """Show the six digits."""

    async def ask_check_code(self, tries: int) -> str:
        """Ask for the six digits that the other device shows."""

    async def ask_approval(self, hello: Hello) -> Approval | None:
        """Ask whether that device is to belong to the account; None denies."""

    def told(self, step: str) -> None:
        """Something has come about: `crowded`, `approved`, `registered`, `sealed`."""


@dataclass(frozen=True, slots=True)
class Show:
    """Show a code, as a picture and as text."""


@dataclass(frozen=True, slots=True)
class Type:
    """Have a code typed: the existing device makes it."""

    code: str | None = None
    """On the new device, what was typed."""


@dataclass(frozen=True, slots=True)
class Follow:
    """Follow a code that the other device shows."""

    text: str


Way: TypeAlias = Show | Type | Follow


def read_way(typed: str) -> Way:
    """What somebody pasted or typed on a new device: the text of a code, or a code of words.

    Raises: LinkTextWrong.
    """
    if "".join(typed.split()).upper().startswith(PREFIX):
        decode(from_text(typed))
        return Follow(typed)
    return Type(read_code(typed)[1])
