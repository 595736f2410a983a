"""What people write in a world, and what must never be lost of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sakya_sync.testing.witness import TRACER

if TYPE_CHECKING:
    from sakya_sync.client.documents import SealedDocument
    from sakya_sync.testing.dice import Dice
    from sakya_sync.testing.machines import DocumentsMachine
    from sakya_sync.testing.world import World

KEPT_SECONDS: Final = 15.0
"""So long after an edit it is durable, unless the disk fails."""
LINES: Final = "lines"
NOTES: Final = "notes"


class Writings:
    """Every line that was written, by whom; and which of them are *promised*.

    A line is promised once its device was in sync, or had it for KEPT_SECONDS on a disk that works,
    or showed it after a restart, or once another device shows it.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.promised: dict[str, None] = {}
        self._written: dict[str, tuple[str, int]] = {}
        self._since: dict[tuple[str, int], dict[str, tuple[float, int]]] = {}
        self._own: dict[str, dict[str, None]] = {}

    def write(self, machine: DocumentsMachine, dice: Dice) -> None:
        """Have a person add a line, and change the running text, if the app is open."""
        process, document = machine.process, machine.document
        if process is None or not process.alive or document is None:
            return
        line = f"{TRACER} {machine.name} {len(self._written)}"
        opened: SealedDocument = document
        process.call(lambda: _write(opened, line, dice))
        self._written[line] = (machine.name, machine.runs)
        self.world.trace.note(machine.name, f"writes {line}")

    def look(self, machine: DocumentsMachine) -> None:
        """See what an open document shows, and take its device at its word."""
        shown = lines_of(machine)
        if shown is None:
            return
        if len(set(shown)) != len(shown):
            self.world.complain(f"{machine.name} shows a line twice")
        now, faulted = self.world.loop.time(), machine.disk.faulted
        since = self._since.setdefault((machine.name, machine.runs), {})
        for line in shown:
            written = self._written.get(line)
            if written is None:
                self.world.complain(f"{machine.name} shows a line that nobody wrote")
                return
            at, faults = since.setdefault(line, (now, faulted))
            kept = now - at >= KEPT_SECONDS and faults == faulted
            own_of_old = written[0] == machine.name and written[1] != machine.runs
            if kept or own_of_old:
                self._own.setdefault(machine.name, {})[line] = None
            if kept or own_of_old or written[0] != machine.name:
                self.promised[line] = None

    def reopened(self, machine: DocumentsMachine) -> None:
        """After a restart, nothing may be missing that the device had."""
        shown = lines_of(machine)
        if shown is None:
            return
        lost = [line for line in self._own.get(machine.name, {}) if line not in set(shown)]
        if lost:
            self.world.complain(f"{machine.name} has forgotten '{lost[0]}'")
        self.look(machine)

    def synced(self, machine: DocumentsMachine) -> None:
        """A device says that it is in sync: all that it shows is promised."""
        for line in lines_of(machine) or ():
            self.promised[line] = None
        self.look(machine)

    def check_all(self, machine: DocumentsMachine) -> None:
        """In the end, a device shows every promised line."""
        shown = set(lines_of(machine) or ())
        lost = [line for line in self.promised if line not in shown]
        if lost:
            self.world.complain(f"{machine.name} lacks '{lost[0]}', which was promised")


def lines_of(machine: DocumentsMachine) -> list[str] | None:
    """The lines that an open document shows; None where none is open."""
    if not machine.running or machine.document is None:
        return None
    return [str(line) for line in machine.document.value().get(LINES, ())]


def _write(document: SealedDocument, line: str, dice: Dice) -> None:
    with document.edit() as loro:
        lines = loro.get_list(LINES)
        lines.insert(dice.below(len(lines) + 1), line)
        notes = loro.get_text(NOTES)
        length = notes.len_unicode
        if length > 80 and dice.chance(0.2):
            notes.delete(dice.below(length - 20), 1 + dice.below(20))
        else:
            notes.insert(dice.below(length + 1), f" {line}.")
