"""Unsigned LEB128, and the cursor that every decoder of ours reads with.

Spec: docs/protocol.md, "Notation".
"""

from typing import Final

from sakya_sync.errors import RemoteViolation

UVARINT_MAX: Final = 2**64 - 1

_CONTINUES = 0x80
_LAST_SHIFT = 63
"""Of the tenth byte: only one bit of it fits 64."""

_ONE_BYTE: Final = tuple(bytes((n,)) for n in range(_CONTINUES))


def encode_uvarint(n: int) -> bytes:
    """The shortest form, 1 to 10 bytes; n is at most UVARINT_MAX."""
    if 0 <= n < _CONTINUES:
        return _ONE_BYTE[n]
    assert 0 <= n <= UVARINT_MAX, n
    encoded = bytearray()
    while n >= _CONTINUES:
        encoded.append(n & 0x7F | _CONTINUES)
        n >>= 7
    encoded.append(n)
    return bytes(encoded)


def encode_varbytes(data: bytes) -> bytes:
    """The length as a uvarint, then the bytes."""
    return encode_uvarint(len(data)) + data


class Reader:
    """Reads bytes from the front; whatever is wrong with them raises the class it was given.

    A length or count is compared with what is left before anything is made of that size.
    Only shortest-form integers are read, so that a value has one encoding.
    """

    __slots__ = ("_data", "_error", "_size", "position")

    def __init__(self, data: bytes, error: type[RemoteViolation], position: int = 0) -> None:
        self._data = data
        self._error = error
        self._size = len(data)
        self.position = position

    @property
    def remaining(self) -> int:
        """How many bytes are left."""
        return self._size - self.position

    def u8(self) -> int:
        """One byte."""
        position = self.position
        if position >= self._size:
            raise self._error("truncated")
        self.position = position + 1
        return self._data[position]

    def uvarint(self, n_max: int = UVARINT_MAX) -> int:
        """An integer of at most n_max."""
        position = self.position
        if position >= self._size:
            raise self._error("truncated")
        n = self._data[position]
        if n < _CONTINUES:
            self.position = position + 1
        else:
            n = self._long_uvarint()
        if n > n_max:
            raise self._error(f"{n} where at most {n_max} is allowed")
        return n

    def take(self, count: int) -> bytes:
        """The next count bytes."""
        start = self.position
        end = start + count
        if end > self._size:
            raise self._error("truncated")
        self.position = end
        return self._data[start:end]

    def varbytes(self, bytes_max: int = UVARINT_MAX) -> bytes:
        """A length of at most bytes_max, then as many bytes."""
        # What uvarint() and take() do, in one call: the relay does this for every update.
        start = self.position
        if start >= self._size:
            raise self._error("truncated")
        count = self._data[start]
        if count < _CONTINUES:
            start += 1
        else:
            count = self._long_uvarint()
            start = self.position
        if count > bytes_max:
            raise self._error(f"{count} bytes where at most {bytes_max} are allowed")
        end = start + count
        if end > self._size:
            raise self._error("truncated")
        self.position = end
        return self._data[start:end]

    def text(self, bytes_max: int = UVARINT_MAX) -> str:
        """Varbytes that are valid UTF-8."""
        try:
            return self.varbytes(bytes_max).decode()
        except UnicodeDecodeError:
            raise self._error("text is not UTF-8") from None

    def since(self, start: int) -> bytes:
        """What was read from that position on, verbatim."""
        return self._data[start : self.position]

    def end(self) -> None:
        """Nothing may be left."""
        if self.position != self._size:
            raise self._error(f"{self.remaining} bytes too many")

    def _long_uvarint(self) -> int:
        n = 0
        for shift in range(0, _LAST_SHIFT + 1, 7):
            byte = self.u8()
            n |= (byte & 0x7F) << shift
            if byte < _CONTINUES:
                if byte == 0:
                    raise self._error("an integer is longer than it needs to be")
                if n > UVARINT_MAX:
                    break
                return n
        raise self._error("an integer of more than 64 bits")
