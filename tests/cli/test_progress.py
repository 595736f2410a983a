"""A bar while there is something to wait for, on a terminal only, and never on standard output."""

import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from process.command import SAKYA, device, relay

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals in Python", allow_module_level=True)

import pty

WAIT_SECONDS = 50.0
COLUMNS, LINES = "80", "24"

# Works until it is told to end, and tells how far it is all the while.
WORK = """
import select, sys
from sakya_sync.cli.output import Output

def told_to_end():
    return select.select([sys.stdin], [], [], 0.02)[0]

output = Output(json="--json" in sys.argv, quiet="--quiet" in sys.argv)
with output.progress("Sending") as progress:
    done = 0
    while not told_to_end():
        done = min(done + 1, 6)
        progress(done, 7)
    if "--fail" in sys.argv:
        raise SystemExit(5)
    if "--say" in sys.argv:
        output.say("Half of it is sent.")
output.say("In sync.")
"""
# Is done before there was anything to wait for.
QUICK = """
from sakya_sync.cli.output import Output
output = Output()
with output.progress("Sending") as progress:
    progress(7, 7)
output.say("In sync.")
"""


# Takes long enough for a bar.
LONG = """
import sys, time
from sakya_sync.cli.output import Output
from sakya_sync.cli.progress import APPEARS_AFTER_SECONDS

output = Output(json="--json" in sys.argv, quiet="--quiet" in sys.argv)
with output.progress("Sending") as progress:
    time.sleep(APPEARS_AFTER_SECONDS)
    progress(1, 7)
    if "--until-told" in sys.argv:
        sys.stdin.read()
output.say("In sync.")
"""


class Screen:
    """What a person sees of what was written to a terminal: text, and the cursor in it."""

    _TOKENS = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])|(\r)|(\n)|([^\x1b\r\n]+)")

    def __init__(self, written: str) -> None:
        self.lines = [""]
        self.row = self.column = 0
        self.cursor_shown = True
        end = 0
        for token in self._TOKENS.finditer(written):
            assert token.start() == end, f"unknown to this screen: {written[end : end + 20]!r}"
            end = token.end()
            private, numbers, command, back, down, text = token.groups()
            if back:
                self.column = 0
            elif down:
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            elif text:
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[: self.column] + text + line[self.column + len(text) :]
                self.column += len(text)
            else:
                self._obey(private + command, numbers)
        assert end == len(written)

    def _obey(self, command: str, numbers: str) -> None:
        match command:
            case "K":
                assert numbers == "2"
                self.lines[self.row] = ""
            case "A":
                self.row -= int(numbers or 1)
            case "?h" | "?l":
                assert numbers == "25"
                self.cursor_shown = command == "?h"
            case "m":
                pass
            case _:
                raise AssertionError(f"unknown to this screen: {command}")

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


class OnTerminal:
    """A process whose standard error is a terminal; its standard output is a pipe."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], *, terminal: bool
    ) -> None:
        self._written = b""
        self._terminal, theirs = pty.openpty() if terminal else os.pipe()
        shown = {name: value for name, value in environment.items() if name != "NO_COLOR"}
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=shown | {"TERM": "xterm-256color", "COLUMNS": COLUMNS, "LINES": LINES},
        )
        os.close(theirs)

    def shows(self, pattern: str) -> str:
        """Wait until something is on the screen."""
        deadline = time.monotonic() + WAIT_SECONDS
        while re.search(pattern, Screen(self._whole()).text) is None:
            left = deadline - time.monotonic()
            assert left > 0, self._written
            assert self._read(left), self._written
        return Screen(self._whole()).text

    def ended(self) -> tuple[int, str, Screen]:
        """Tell it to end: its status, its standard output and the screen it leaves."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        while self._read(WAIT_SECONDS):
            pass
        output = self.process.stdout.read().decode()
        return self.process.wait(WAIT_SECONDS), output, Screen(self._written.decode())

    def _whole(self) -> str:
        """All that was written up to the last whole line or sequence."""
        text = self._written.decode(errors="ignore")
        return text[: text.rfind("\x1b")] if "\x1b" in text else text

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], seconds)
        assert ready, f"nothing more came: {self._written!r}"
        try:
            read = os.read(self._terminal, 65_536)
        except OSError:
            # How Linux says that nobody has the terminal open any more.
            return False
        self._written += read
        return bool(read)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(WAIT_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        os.close(self._terminal)


@contextmanager
def running(
    *arguments: str, terminal: bool = True, env: Mapping[str, str] = os.environ
) -> Iterator[OnTerminal]:
    process = OnTerminal(arguments, env, terminal=terminal)
    try:
        yield process
    finally:
        process.close()


def test_a_bar_shows_how_far_work_is_and_leaves_the_screen_as_it_was() -> None:
    with running("-c", WORK) as work:
        shown = work.shows(r"Sending.*6/7")
        assert len(shown.splitlines()) == 1
        status, output, screen = work.ended()
    assert status == 0
    assert output == "In sync.\n"
    assert screen.text == ""
    assert screen.cursor_shown


def test_a_bar_is_gone_before_an_error_is_told() -> None:
    with running("-c", WORK, "--fail") as work:
        work.shows(r"6/7")
        status, output, screen = work.ended()
    assert status == 5
    assert output == ""
    assert screen.text == ""
    assert screen.cursor_shown


def test_what_is_said_beside_a_bar_is_on_standard_output_all_the_same() -> None:
    with running("-c", WORK, "--say") as work:
        work.shows(r"6/7")
        status, output, screen = work.ended()
    assert status == 0
    assert output == "Half of it is sent.\nIn sync.\n"
    assert screen.text == ""


def test_work_that_is_done_at_once_shows_no_bar() -> None:
    with running("-c", QUICK) as work:
        status, output, screen = work.ended()
    assert (status, output) == (0, "In sync.\n")
    assert screen.text == ""
    assert work._written == b""


@pytest.mark.parametrize("option", ["--json", "--quiet"])
def test_no_bar_is_shown_to_who_asked_for_none(option: str) -> None:
    with running("-c", LONG, option) as work:
        status, output, _ = work.ended()
    assert (status, output) == (0, "")
    assert work._written == b""


def test_nothing_is_written_where_no_terminal_is() -> None:
    with running("-c", LONG, terminal=False) as work:
        status, output, _ = work.ended()
    assert (status, output) == (0, "In sync.\n")
    assert work._written == b""


def test_the_same_work_shows_a_bar_to_who_asked_for_nothing() -> None:
    with running("-c", LONG, "--until-told") as work:
        work.shows("Sending.*1/7")
        status, output, screen = work.ended()
    assert (status, output, screen.text) == (0, "In sync.\n", "")


def test_a_command_on_a_terminal_keeps_its_standard_output_for_its_result(tmp_path: Path) -> None:
    novel = {f"manuscript/{number}.md": f"Chapter {number}.\n" for number in range(60)}
    with relay(tmp_path) as served:
        laptop = device(tmp_path, "laptop", novel)
        arguments: tuple[str, ...] = ("init", str(laptop.folder), "--relay", served.url)
        with running("-c", SAKYA, *arguments, env=laptop.environment()) as founding:
            status, output, screen = founding.ended()
        assert status == 0, screen.text
        assert "\x1b" not in output
        assert "novel" in output
        assert screen.text == ""
        arguments = ("sync", str(laptop.folder), "--json")
        with running("-c", SAKYA, *arguments, env=laptop.environment()) as syncing:
            status, output, screen = syncing.ended()
        assert status == 0, screen.text
        (line,) = output.splitlines()
        assert json.loads(line)["ok"] is True
        assert syncing._written == b""
