"""What a command prints: sentences for a person, or one JSON object a line for a program."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from json import dumps
from typing import Protocol

import click

from sakya_sync.errors import SakyaError

SHOWN_MAX = 10


class Progress(Protocol):
    """Something that can show how far a piece of work is."""

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` items are finished."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command's results go. Results are on standard output, all else on standard error."""

    json: bool = False
    quiet: bool = False

    def result(self, **fields: object) -> None:
        """Print a result for programs; silent for people, who get sentences from `say`."""
        if self.json:
            click.echo(dumps({"ok": True, **fields}, ensure_ascii=False))

    def say(self, sentence: str = "") -> None:
        """Print a line for people."""
        if not self.json and not self.quiet:
            click.echo(sentence)

    def note(self, sentence: str) -> None:
        """Print a line for people on standard error, where it disturbs no pipe."""
        if not self.json:
            click.echo(sentence, err=True)

    def attention(self, entries: Sequence[tuple[str, str]]) -> None:
        """Name, for people, what needs a look: (path, reason)."""
        if entries:
            self.note("Needs a look:")
        for path, reason in entries[:SHOWN_MAX]:
            self.note(f"  {path}: {reason}")
        if len(entries) > SHOWN_MAX:
            self.note(f"  and {len(entries) - SHOWN_MAX} more: see `sakya status --json`")

    def error(self, error: SakyaError, **fields: object) -> None:
        """Print what happened and what to do next; `fields` are for programs only."""
        if self.json:
            problem = {"code": error.code, "message": error.message, "hint": error.hint}
            click.echo(dumps({"ok": False, "error": problem, **fields}, ensure_ascii=False))
            return
        click.echo(f"{click.style('sakya:', fg='red', bold=True)} {error.message}", err=True)
        click.echo(f"  {error.hint}", err=True)
        click.echo(click.style(f"  ({error.code})", dim=True), err=True)

    @contextmanager
    def progress(self, task: str) -> Iterator[Progress]:
        """A progress bar on a terminal, once the work has taken more than a second."""
        if self.json or self.quiet or not sys.stderr.isatty():
            yield _no_progress
            return
        from sakya_sync.cli.progress import LateBar

        with LateBar(task) as bar:
            yield bar.update


def described(entries: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """What needs a look, for programs."""
    return [{"path": path, "reason": reason} for path, reason in entries]


def _no_progress(done: int, total: int) -> None:
    pass
