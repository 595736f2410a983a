"""Two computers and a relay: what people type and see while one device is linked by another."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from process.command import RUN_SECONDS, SAKYA, Device, RelayProcess, device, founded, relay

NOVEL = {"manuscript/one.md": "It was a salty night.\n", "notes/plot.md": "She leaves.\n"}


@dataclass
class Talking:
    """A command that tells one object a line, and is answered in lines."""

    process: subprocess.Popen[str]

    def tells(self, event: str) -> dict[str, Any]:
        """Wait for an event."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            told: dict[str, Any] = json.loads(line)
            if told.get("event") == event:
                return told
            assert told["ok"], told
        raise AssertionError(f"it never told {event}: {self.rest()}")

    def answer(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def ends(self) -> list[dict[str, Any]]:
        """Everything it still tells; it must succeed."""
        assert self.process.stdout is not None
        told = [json.loads(line) for line in self.process.stdout]
        assert self.process.wait(RUN_SECONDS) == 0, (told, self.rest())
        return told

    def rest(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()


@contextmanager
def talking(who: Device, *arguments: str | Path) -> Iterator[Talking]:
    process = subprocess.Popen(
        [sys.executable, "-c", SAKYA, *map(str, arguments), "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=who.environment(),
        cwd=who.home.parent,
    )
    try:
        yield Talking(process)
    finally:
        process.kill()
        process.communicate()


def linked(
    laptop: Device, tablet: Device, served: RelayProcess, way: str, stack: ExitStack
) -> list[dict[str, Any]]:
    """Link the tablet; the last that `sakya join` tells."""
    where = ("--relay", served.url)
    if way == "text":
        old = stack.enter_context(talking(laptop, "device", "link"))
        new = stack.enter_context(talking(tablet, "join", tablet.folder))
        new.answer(old.tells("show")["text"])
        old.tells("ask-check-code")
        old.answer(new.tells("check-code")["digits"])
    elif way == "picture":
        picture = laptop.home.parent / "code.png"
        old = stack.enter_context(talking(laptop, "device", "link", "--save", picture))
        old.tells("show")
        new = stack.enter_context(talking(tablet, "join", tablet.folder, "--picture", picture))
        old.tells("ask-check-code")
        old.answer(new.tells("check-code")["digits"])
    elif way == "code":
        old = stack.enter_context(talking(laptop, "device", "link", "--code"))
        words = old.tells("code")["code"].split("-")
        new = stack.enter_context(talking(tablet, "join", tablet.folder, *words, *where))
    else:
        new = stack.enter_context(talking(tablet, "join", tablet.folder, "--show", *where))
        text = new.tells("show")["text"]
        old = stack.enter_context(talking(laptop, "device", "link", "--follow", text))
        new.tells("ask-check-code")
        new.answer(old.tells("check-code")["digits"])
    asked = old.tells("ask-approval")
    assert asked["name"]
    assert asked["platform"]
    old.answer("yes")
    ended = new.ends()
    assert old.ends()[-1]["event"] == "linked"
    return ended


@pytest.mark.parametrize("way", ["text", "picture", "code", "new shows"])
def test_a_device_is_linked_and_has_the_project(tmp_path: Path, way: str) -> None:
    with relay(tmp_path) as served, ExitStack() as stack:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = device(tmp_path, "tablet")
        joined = linked(laptop, tablet, served, way, stack)[-1]
        assert (joined["name"], joined["files"]) == ("novel", 2)
        assert tablet.contents() == laptop.contents()


def test_a_linked_device_writes_and_gets_later_projects_without_a_code(tmp_path: Path) -> None:
    with relay(tmp_path) as served, ExitStack() as stack:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = device(tmp_path, "tablet")
        linked(laptop, tablet, served, "text", stack)
        (tablet.folder / "notes/plot.md").write_text("She stays.\n")
        tablet.ok("sync", tablet.folder)
        laptop.ok("sync", laptop.folder)
        assert laptop.contents()["notes/plot.md"] == b"She stays.\n"
        poems = Device(laptop.home, tmp_path / "laptop" / "poems")
        poems.folder.mkdir()
        (poems.folder / "salt.md").write_text("White as a page.\n")
        poems.ok("init", poems.folder, "--relay", served.url)
        here = Device(tablet.home, tmp_path / "tablet" / "poems")
        here.ok("join", here.folder, "--project", "poems")
        assert here.contents() == poems.contents()
        kit = tablet.run("recovery", "show", "--json").object()
        assert kit["error"]["code"] == "recovery-kit-elsewhere"
        again = tablet.run("join", tmp_path / "more", "SAKYA1:AAAA", "--json").object()
        assert again["error"]["code"] == "account-present"


def test_who_is_not_approved_is_told_and_has_nothing(tmp_path: Path) -> None:
    with relay(tmp_path) as served, ExitStack() as stack:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = device(tmp_path, "tablet")
        old = stack.enter_context(talking(laptop, "device", "link", "--code"))
        code = old.tells("code")["code"]
        new = stack.enter_context(
            talking(tablet, "join", tablet.folder, code, "--relay", served.url)
        )
        old.tells("ask-approval")
        old.answer("no")
        for side in (old, new):
            assert side.process.stdout is not None
            (last,) = [json.loads(line) for line in side.process.stdout][-1:]
            assert last["error"]["code"] == "linking-refused"
            assert side.process.wait(RUN_SECONDS) == 5
        assert not (tablet.home / "vault").exists()
        assert not tablet.folder.exists()
        log = served.log.read_text()
        assert code not in log


def test_a_picture_stands_in_the_terminal_over_its_text(tmp_path: Path) -> None:
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        with laptop.start("device", "link"):
            shown = laptop.home.parent / "laptop-home.log"
            from process.command import eventually

            eventually(lambda: "SAKYA1:" in shown.read_text(), "a code")
            lines = shown.read_text().splitlines()
        picture = [line for line in lines if set(line) <= set("█▀▄ ") and len(line) > 30]
        assert len(picture) >= 20
        assert any("`sakya join FOLDER`" in line for line in lines)


def test_what_does_not_fit_together_is_a_usage_error(tmp_path: Path) -> None:
    tablet = device(tmp_path, "tablet")
    for arguments in (
        ("join", tablet.folder, "--show", "--recovery"),
        ("join", tablet.folder, "--recovery"),
        ("join", tablet.folder, "7", "novel", "harbor", "tube"),
        ("join", tablet.folder, "SAKYA1:AAAA"),
        ("join", tablet.folder, "--picture", "nothing.png"),
        ("device", "link", "--code", "--follow", "SAKYA1:AAAA"),
        ("device", "link"),
    ):
        told = tablet.run(*arguments, "--json")
        assert told.status == 2, (arguments, told)
        assert told.object()["error"]["message"]
    assert not (tablet.home / "vault").exists()
