"""SQL statements that become durable together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


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
