"""Codes as pictures, taken with all that goes wrong when a screen is photographed."""

import xml.etree.ElementTree as Xml
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from linking.pair import payload
from sakya_sync.cli.pictures import in_terminal, read, save
from sakya_sync.errors import LinkTextWrong, PictureUnreadable
from sakya_sync.linking.payload import Intent, as_text

SIXTY = "wss://" + "r" * 46 + ".example"
TEXT = as_text(payload(Intent.EXISTING_SHOWS, relay=SIXTY).encode())
CELL = 8


def drawn(shown: str, *, ink: int, paper: int) -> Image.Image:
    """What a terminal makes of half blocks, one cell 8 by 16 pixels, in a window with a margin."""
    lines = shown.splitlines()
    width, height = len(lines[0]) * CELL, len(lines) * 2 * CELL
    picture = Image.new("L", (width + 80, height + 80), paper)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            x, y = 40 + column * CELL, 40 + row * 2 * CELL
            if character in "█▀":
                picture.paste(ink, (x, y, x + CELL, y + CELL))
            if character in "█▄":
                picture.paste(ink, (x, y + CELL, x + CELL, y + 2 * CELL))
    return picture


def photographed(picture: Image.Image, degrees: float) -> Image.Image:
    """Turned, blurred, with less contrast, and compressed as a camera does."""
    turned = picture.convert("L").rotate(degrees, expand=True, fillcolor=90)
    small = turned.resize((turned.width * 3 // 4, turned.height * 3 // 4))
    dim = small.filter(ImageFilter.GaussianBlur(1.1)).point(lambda value: 40 + value * 0.7)
    buffer = BytesIO()
    dim.save(buffer, "JPEG", quality=60)
    return Image.open(BytesIO(buffer.getvalue()))


def text_in(picture: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(picture)
    text: str = found.text
    return text


@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
def test_a_terminal_shows_it_right_on_dark_and_on_light(light: bool) -> None:
    shown = in_terminal(TEXT, colour=False, light=light)
    ink, paper = (20, 235) if light else (235, 20)
    picture = drawn(shown, ink=ink, paper=paper)
    found = zxingcpp.read_barcodes(picture, try_invert=False)
    assert [item.text for item in found] == [TEXT]


def test_colours_make_it_right_whatever_the_terminal_is() -> None:
    shown = in_terminal(TEXT, colour=True)
    plain = in_terminal(TEXT, colour=False)
    lines = shown.splitlines()
    assert all(line.startswith("\x1b[") and line.endswith("\x1b[0m") for line in lines)
    bare = [line.removeprefix("\x1b[38;5;231;48;5;16m").removesuffix("\x1b[0m") for line in lines]
    assert bare == plain.splitlines()
    assert in_terminal(TEXT, colour=True, light=True) == shown


def test_it_fits_a_window_of_eighty_by_thirty() -> None:
    lines = in_terminal(TEXT, colour=False).splitlines()
    assert len(lines) <= 27
    assert max(map(len, lines)) <= 53


@pytest.mark.parametrize("degrees", [0, 7, -13, 90, 181])
@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
def test_a_photograph_of_a_terminal_is_read(degrees: float, light: bool) -> None:
    ink, paper = (20, 235) if light else (235, 20)
    picture = drawn(in_terminal(TEXT, colour=False, light=light), ink=ink, paper=paper)
    assert text_in(photographed(picture, degrees)) == TEXT


def test_a_picture_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    save(TEXT, path)
    assert read(path) == TEXT
    photographed(Image.open(path), 11).save(tmp_path / "photo.jpg")
    assert read(tmp_path / "photo.jpg") == TEXT


def test_a_drawing_is_written_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "code.SVG"
    save(TEXT, path)
    root = Xml.fromstring(path.read_bytes())
    assert root.tag.endswith("svg")
    assert len(list(root)) == 1


def test_what_shows_no_code_is_refused(tmp_path: Path) -> None:
    empty, other, text = (tmp_path / name for name in ("empty.png", "other.png", "text.png"))
    Image.new("L", (100, 100), 255).save(empty)
    text.write_text("no picture")
    for path in (empty, text, tmp_path / "missing.png"):
        with pytest.raises(PictureUnreadable):
            read(path)
    save("https://elsewhere.example/phish", other)
    with pytest.raises(LinkTextWrong):
        read(other)
