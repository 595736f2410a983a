import inspect
import re

from sakya_sync import errors
from sakya_sync.errors import SakyaError, TicketReason, TicketRefused


def tree() -> list[type[SakyaError]]:
    found = [SakyaError]
    for kind in found:
        found += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == errors.__name__]


def drawn() -> dict[str, str | None]:
    """Each class in the drawing, with the one above it."""
    parents: dict[str, str | None] = {"SakyaError": None}
    path = ["SakyaError"]
    for line in inspect.getdoc(errors).splitlines():  # type: ignore[union-attr]
        match = re.match(r"^ {4}((?:│ {3}| {4})*)[├└]── (\w+)", line)
        if match:
            depth = len(match[1]) // 4 + 1
            path = [*path[:depth], match[2]]
            parents[match[2]] = path[depth - 1]
    return parents


def test_the_drawing_shows_every_error_where_it_belongs() -> None:
    assert drawn() == {
        kind.__name__: None if kind is SakyaError else kind.__bases__[0].__name__ for kind in tree()
    }


def test_every_error_has_a_code_of_its_own_and_a_documented_status() -> None:
    codes = [kind.code for kind in tree()]
    assert len(codes) == len(set(codes))
    assert {kind.exit_status for kind in tree()} == {1, 2, 3, 4, 5, 6}


def test_every_error_is_a_sentence_and_says_what_to_do() -> None:
    for kind in tree():
        error = kind("detail")
        assert error.message
        assert error.hint.endswith((".", "?"))
        assert "{" not in error.message + error.hint


def test_details_never_break_a_sentence() -> None:
    assert "{x}" in str(errors.LocalFault("{x}"))
    assert TicketRefused("signature").reason is TicketReason.SIGNATURE
    assert TicketRefused("whatever").reason is TicketReason.MALFORMED
