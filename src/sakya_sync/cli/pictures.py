"""Codes as pictures: in a terminal, in a file, and read back from one."""

from pathlib import Path
from typing import Final

import segno

from sakya_sync.errors import LocalFault, PermissionMissing, PictureUnreadable
from sakya_sync.linking.payload import decode, from_text

BORDER: Final = 2
SCALE: Final = 8

# White on black whatever the terminal's own colours are.
_COLOURS, _PLAIN = "\x1b[38;5;231;48;5;16m", "\x1b[0m"
_BLOCKS = ("█", "▀", "▄", " ")


def in_terminal(text: str, *, colour: bool, light: bool = False) -> str:
    """A picture of half blocks, with a border.

    Args:
        colour: whether escape codes may be used; then it is right on any terminal.
        light: without them, whether the terminal is dark on light.
    """
    rows = [[bool(module) for module in row] for row in _made(text).matrix_iter(border=BORDER)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    inverted = light and not colour
    lines = [
        "".join(
            _BLOCKS[2 * (upper != inverted) + (lower != inverted)]
            for upper, lower in zip(rows[at], rows[at + 1], strict=True)
        )
        for at in range(0, len(rows), 2)
    ]
    return "\n".join(f"{_COLOURS}{line}{_PLAIN}" if colour else line for line in lines)


def save(text: str, path: Path) -> None:
    """A picture as a file: PNG, or SVG by its name. Raises LocalFault and its kin."""
    try:
        if path.suffix.lower() == ".svg":
            _made(text).save(str(path), scale=SCALE, kind="svg")
        else:
            _made(text).save(str(path), scale=SCALE, kind="png")
    except PermissionError as error:
        raise PermissionMissing(path=path) from error
    except OSError as error:
        raise LocalFault(f"{path}: {error.strerror}") from error


def read(path: Path) -> str:
    """The text of the code that a picture shows. Raises PictureUnreadable, LinkTextWrong."""
    try:
        import zxingcpp
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        detail = "reading pictures needs the extra `sakya-sync[pictures]`"
        raise PictureUnreadable(detail, path=path) from None
    try:
        with Image.open(path) as image:
            found = zxingcpp.read_barcodes(image.convert("L"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        raise PictureUnreadable("it is no picture that can be read", path=path) from None
    if not found:
        raise PictureUnreadable("no code was found in it", path=path)
    text: str = found[0].text
    decode(from_text(text))
    return text


def _made(text: str) -> segno.QRCode:
    return segno.make(text, error="l", boost_error=False, micro=False)
