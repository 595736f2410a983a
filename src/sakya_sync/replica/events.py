"""What became of records that a replica was given."""

from dataclasses import dataclass
from typing import TypeAlias

from sakya_sync.ids import AuthorId, KeyId


@dataclass(frozen=True, slots=True)
class Imported:
    """The document has changed by what others wrote."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record was left out; the document does not have it, and never will by this copy."""

    author: AuthorId | None
    wseq: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Records of an author are missing in between: join again with what is held."""

    author: AuthorId


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """Records have come under a key that is not here; they wait for `replica.ring` to be set."""

    key_id: KeyId


@dataclass(frozen=True, slots=True)
class Forked:
    """An author signed two different histories: a restored backup, or worse."""

    author: AuthorId


Event: TypeAlias = Imported | Rejected | Gap | KeyWanted | Forked
