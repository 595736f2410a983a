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


def test_the_drawing_tells_each_exit_status_where_it_begins() -> None:
    marked = re.findall(r"(?m)── (\w+) +exit (\d)$", inspect.getdoc(errors) or "")
    told = {name: int(status) for name, status in marked}
    assert set(told.values()) == {1, 2, 3, 4, 5, 6}
    for kind in tree():
        chain = [told[above.__name__] for above in kind.__mro__ if above.__name__ in told]
        assert kind.exit_status == (chain[0] if chain else 1)
        assert 0 <= kind.exit_status <= 6


def test_no_error_borrows_the_sentence_of_the_one_above() -> None:
    for kind in tree():
        assert "__doc__" in vars(kind)
        assert "code" in vars(kind)
        assert kind.__doc__
        assert "\n" not in kind.__doc__


def test_details_fill_the_message_and_the_hint() -> None:
    error = errors.VaultCorrupt("cut short", path="the-vault")
    assert error.message == str(error)
    assert "cut short" in error.message
    assert "the-vault" in error.hint


def test_a_detail_nobody_gave_is_a_question_mark() -> None:
    assert errors.AddressInvalid().message == "? is not a relay's address."


def test_one_clause_catches_every_error_of_ours() -> None:
    assert all(issubclass(kind, SakyaError) for kind in tree())
    assert issubclass(SakyaError, Exception)


def test_details_never_break_a_sentence() -> None:
    assert "{x}" in str(errors.LocalFault("{x}"))
    assert TicketRefused("signature").reason is TicketReason.SIGNATURE
    assert TicketRefused("whatever").reason is TicketReason.MALFORMED
