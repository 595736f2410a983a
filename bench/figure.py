"""What is measured, and how it is shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table."""

    what: str
    ours: str
    peer: str
    """Another's figure of the same run, where it has one."""
    goal: str
    met: bool | None


def table(figures: list[Figure], peer: str = "plain Loro") -> str:
    """In Markdown.

    Args: peer: what else was measured in the same run.
    """
    rows = [f"| {f.what} | {f.ours} | {f.peer} | {f.goal} | {_MARKS[f.met]} |" for f in figures]
    return "\n".join([f"| | Sakya Sync | {peer} | goal | met |", "|---|---|---|---|---|", *rows])


def ms(seconds: float) -> str:
    """A time for the table."""
    return f"{seconds * 1000:,.0f} ms"


_MARKS = {True: "yes", False: "no", None: ""}
