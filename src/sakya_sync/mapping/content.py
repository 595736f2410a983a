"""What a file's bytes are: text that merges, or something opaque. Byte for byte both ways."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Final, TypeAlias

from sakya_sync.limits import OPAQUE_BYTES_MAX, TEXT_BYTES_MAX

BOM: Final = b"\xef\xbb\xbf"


class Kind(StrEnum):
    """How a file's document holds it."""

    TEXT = "text"
    OPAQUE = "opaque"


class Eol(StrEnum):
    """How lines end on disk; in documents they end in LF."""

    LF = "lf"
    CRLF = "crlf"


@dataclass(frozen=True, slots=True)
class Text:
    """UTF-8 without NUL, of at most TEXT_BYTES_MAX."""

    text: str
    eol: Eol
    bom: bool


@dataclass(frozen=True, slots=True)
class Opaque:
    """Anything else, of at most OPAQUE_BYTES_MAX: the last writer wins, and both are kept."""

    data: bytes


@dataclass(frozen=True, slots=True)
class TooLarge:
    """Neither: it cannot be synced yet."""

    size: int


Content: TypeAlias = Text | Opaque | TooLarge


def read_content(data: bytes) -> Content:
    """What a file holds. `write_content` gives the same bytes back."""
    if len(data) <= TEXT_BYTES_MAX and b"\0" not in data:
        bom = data.startswith(BOM)
        try:
            text = data[len(BOM) if bom else 0 :].decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return _text(text, bom=bom)
    return Opaque(data) if len(data) <= OPAQUE_BYTES_MAX else TooLarge(len(data))


def write_content(text: str, eol: Eol, *, bom: bool) -> bytes:
    """The bytes of a text file."""
    shown = text.replace("\n", "\r\n") if eol is Eol.CRLF else text
    return (BOM if bom else b"") + shown.encode("utf-8")


def data_of(content: Text | Opaque) -> bytes:
    """The bytes of a file that holds this."""
    match content:
        case Text(text, eol, bom):
            return write_content(text, eol, bom=bom)
        case Opaque(data):
            return data


def digest_of(data: bytes) -> bytes:
    """32 bytes that name a file's content."""
    return blake2b(data, digest_size=32).digest()


def _text(text: str, *, bom: bool) -> Text:
    # Only where every line ends in CRLF can LF stand for it; anything mixed stays as it is.
    pairs = text.count("\r\n")
    if pairs and pairs == text.count("\n") == text.count("\r"):
        return Text(text.replace("\r\n", "\n"), Eol.CRLF, bom)
    return Text(text, Eol.LF, bom)
