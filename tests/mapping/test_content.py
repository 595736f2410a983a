import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.limits import OPAQUE_BYTES_MAX, TEXT_BYTES_MAX
from sakya_sync.mapping.content import (
    Eol,
    Opaque,
    Text,
    TooLarge,
    digest_of,
    read_content,
    write_content,
)

pieces = st.lists(
    st.sampled_from([b"\r\n", b"\n", b"\r", b"text", b"\xef\xbb\xbf", b"\xff", b"\0", b"\xc3\xa9"])
).map(b"".join)


@given(st.one_of(pieces, st.binary(max_size=100)))
def test_every_file_comes_back_byte_for_byte(data: bytes) -> None:
    content = read_content(data)
    match content:
        case Text(text, eol, bom):
            assert write_content(text, eol, bom=bom) == data
        case Opaque(held):
            assert held == data
        case TooLarge():
            raise AssertionError


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"a\r\nb\r\n", Text("a\nb\n", Eol.CRLF, bom=False)),
        (b"a\r\nb\n", Text("a\r\nb\n", Eol.LF, bom=False)),
        (b"\xef\xbb\xbfa", Text("a", Eol.LF, bom=True)),
        (b"", Text("", Eol.LF, bom=False)),
        (b"a\0b", Opaque(b"a\0b")),
        (b"\xff", Opaque(b"\xff")),
    ],
)
def test_line_ends_marks_and_bytes_are_told_apart(data: bytes, content: object) -> None:
    assert read_content(data) == content


def test_what_is_too_large_is_said_to_be() -> None:
    assert isinstance(read_content(b"x" * TEXT_BYTES_MAX), Text)
    assert read_content(b"x" * (TEXT_BYTES_MAX + 1)) == TooLarge(TEXT_BYTES_MAX + 1)
    assert isinstance(read_content(bytes(OPAQUE_BYTES_MAX)), Opaque)
    assert isinstance(read_content(bytes(OPAQUE_BYTES_MAX + 1)), TooLarge)
    assert digest_of(b"a") != digest_of(b"b")
