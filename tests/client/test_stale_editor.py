"""Programs that read a file once and save their whole window again and again."""

import asyncio
from dataclasses import dataclass

import pytest

from sakya_sync.client.project import Project
from sakya_sync.limits import SETTLE_SECONDS

from .writers import Writer, meet

CHAPTER = "chapter.md"
START = "".join(f"Sentence {number} of the chapter stands here.\n" for number in range(8))
SAVES = 16
# The app saves 800 ms after the last key; here a quarter of that.
SAVE_SECONDS = SETTLE_SECONDS * 2


@dataclass
class App:
    """Reads once, types into its window, and writes all of it."""

    writer: Writer
    window: str

    @classmethod
    def opened(cls, writer: Writer) -> "App":
        return cls(writer, writer.read(CHAPTER))

    def type(self, word: str, place: int) -> None:
        self.window = put(self.window, place, word)

    def autosave(self) -> None:
        # As the app does: emptied, then written, in place.
        (self.writer.folder / CHAPTER).write_text(self.window, "utf-8")


def put(text: str, place: int, word: str) -> str:
    lines = text.splitlines()
    at = place % len(lines)
    return "\n".join([*lines[:at], f"{word} {lines[at]}", *lines[at + 1 :]]) + "\n"


def words(text: str) -> list[str]:
    return sorted(word for word in text.split() if word.startswith(("typed", "came")))


@pytest.fixture
async def desks(pair: tuple[Writer, Writer]) -> tuple[Writer, Writer]:
    pair[0].write(CHAPTER, START)
    await meet(*pair)
    return pair


async def test_an_app_that_autosaves_its_window_loses_no_word_of_a_remote(
    desks: tuple[Writer, Writer],
) -> None:
    laptop, tablet = desks
    async with (
        Project.open(laptop.folder, home=laptop.home) as here,
        Project.open(tablet.folder, home=tablet.home) as there,
    ):
        app = App.opened(laptop)
        for number in range(SAVES):
            app.type(f"typed{number}", number * 3)
            app.autosave()
            async with there.edit(CHAPTER) as draft:
                draft.text = put(draft.text, number * 5, f"came{number}")
            await asyncio.sleep(SAVE_SECONDS)
        expected = sorted(f"{who}{n}" for n in range(SAVES) for who in ("typed", "came"))
        for project in (here, there):
            await project.wait_synced()
    await meet(laptop, tablet)
    assert words(laptop.read(CHAPTER)) == expected
    assert laptop.contents() == tablet.contents()
    assert list(laptop.contents()) == [CHAPTER]


async def test_the_same_holds_when_every_save_finds_no_program_of_ours_running(
    desks: tuple[Writer, Writer],
) -> None:
    laptop, tablet = desks
    app = App.opened(laptop)
    for number in range(4):
        app.type(f"typed{number}", number * 3)
        app.autosave()
        tablet.write(CHAPTER, put(tablet.read(CHAPTER), number * 5, f"came{number}"))
        await meet(tablet, laptop)
    expected = sorted(f"{who}{n}" for n in range(4) for who in ("typed", "came"))
    assert words(laptop.read(CHAPTER)) == expected
    assert laptop.contents() == tablet.contents()


@pytest.mark.parametrize("anew", [False, True], ids=["in place", "as a new file"])
async def test_a_writer_who_reads_what_came_and_takes_it_out_is_heard(
    desks: tuple[Writer, Writer], anew: bool
) -> None:
    laptop, tablet = desks
    tablet.write(CHAPTER, put(START, 3, "came"))
    await meet(tablet, laptop)
    shown = laptop.read(CHAPTER)
    assert words(shown) == ["came"]
    if anew:
        (laptop.folder / CHAPTER).rename(laptop.folder / f"{CHAPTER}~")
    laptop.write(CHAPTER, shown.replace("came ", ""))
    await meet(laptop, tablet)
    assert laptop.read(CHAPTER) == tablet.read(CHAPTER) == START


async def test_what_came_and_nobody_read_is_not_taken_out_by_an_old_window(
    desks: tuple[Writer, Writer],
) -> None:
    laptop, tablet = desks
    app = App.opened(laptop)
    tablet.write(CHAPTER, put(START, 3, "came"))
    await meet(tablet, laptop)
    app.autosave()
    await meet(laptop, tablet)
    assert words(laptop.read(CHAPTER)) == words(tablet.read(CHAPTER)) == ["came"]
