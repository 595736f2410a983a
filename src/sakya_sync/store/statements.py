"""SQL statements that become durable together."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_ROWS_AT_ONCE: Final = (64, 8, 1)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its parameters."""

    sql: str
    parameters: Sequence[Any]


class Statements:
    """In the order they were asked for."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []

    def __len__(self) -> int:
        return len(self.statements)

    def extend(self, others: "Statements") -> None:
        """All of others, after these."""
        self.statements += others.statements

    def add(self, sql: str, *parameters: Any) -> None:
        """One more."""
        self.statements.append(Statement(sql, parameters))


@dataclass(frozen=True, slots=True)
class Insertion:
    """A statement that inserts any number of rows."""

    into: str
    """The table and its columns."""
    columns: int
    on_conflict: str = ""

    def execute(self, connection: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows, many with each statement.

        A thread gives up Python's lock for each statement, and while another is busy it waits up
        to 5 ms to have it back: a statement a row makes a commit of a thousand rows take seconds.
        """
        row = f"({', '.join('?' * self.columns)})"
        start = 0
        for count in _ROWS_AT_ONCE:
            values = ", ".join([row] * count)
            sql = f"INSERT INTO {self.into} VALUES {values} {self.on_conflict}"  # noqa: S608
            while len(rows) - start >= count:
                taken = rows[start : start + count]
                connection.execute(sql, [value for row in taken for value in row])
                start += count
