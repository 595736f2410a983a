"""The handshake of a typed code: SPAKE2, then proof that both typed the same.

    code = nameplate "-" word "-" word "-" word;   K = SPAKE2 over the whole code, idA = "SLP1-E",
    idB = "SLP1-N" || meeting;   prk = HKDF-Extract("SakyaLink/1 spake2", K)
    h1 = SHA256(u16 length || x || u16 length || y || meeting), x by the existing device (side A)

A code is only ever made by the existing device and typed on the new one, so that nobody can be
talked into typing a stranger's. One wrong guess ends it.
Spec: docs/protocol.md#linking; vectors/linking/typed.json.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256

from spake2 import SPAKE2_A, SPAKE2_B

from sakya_sync.errors import LinkingError
from sakya_sync.linking.greeting import Met, Proof, Step, extract
from sakya_sync.linking.payload import Intent

DICE_BYTES = 64
_SHARE_BYTES = 33

_INTENT = Intent.EXISTING_SHOWS


class Giving:
    """The existing device, which made the code."""

    def __init__(self, code: str, meeting: bytes, dice: bytes) -> None:
        """Args: dice: 64 random bytes for this code alone."""
        self._pake = SPAKE2_A(code.encode(), b"SLP1-E", _id_b(meeting), entropy_f=_once(dice))
        self._meeting = meeting
        self._proof: Proof | None = None

    def begin(self) -> bytes | None:
        """Nothing: it waits until somebody has typed a code."""
        return None

    def take(self, message: bytes) -> Step:
        """First y, answered by x; then M1, answered by M2. Raises LinkingError."""
        if self._proof is None:
            x = self._pake.start()
            self._proof = _proof(_finish(self._pake, message), x, message, self._meeting)
            return Step(x)
        proof = self._proof
        proof.check_first(message, _INTENT)
        return Step(proof.second(), Met(proof.channel(answering=False)))

    def wipe(self) -> None:
        """Forget code and keys."""
        self._pake = None
        self._proof = None


class Typing:
    """The new device, on which the code was typed."""

    def __init__(self, code: str, meeting: bytes, dice: bytes) -> None:
        """Args: dice: 64 random bytes for this attempt alone."""
        self._pake = SPAKE2_B(code.encode(), b"SLP1-E", _id_b(meeting), entropy_f=_once(dice))
        self._y: bytes = self._pake.start()
        self._meeting = meeting
        self._proof: Proof | None = None

    def begin(self) -> bytes | None:
        """y."""
        return self._y

    def take(self, message: bytes) -> Step:
        """First x, answered by M1; then M2. Raises LinkingError."""
        if self._proof is None:
            secret = _finish(self._pake, message)
            self._proof = _proof(secret, message, self._y, self._meeting)
            return Step(self._proof.first(_INTENT))
        self._proof.check_second(message)
        return Step(None, Met(self._proof.channel(answering=True)))

    def wipe(self) -> None:
        """Forget code and keys."""
        self._pake = None
        self._proof = None


def _id_b(meeting: bytes) -> bytes:
    return b"SLP1-N" + meeting


def _once(dice: bytes) -> Callable[[int], bytes]:
    assert len(dice) == DICE_BYTES
    return lambda count: dice[:count]


def _finish(pake: SPAKE2_A | SPAKE2_B, message: bytes) -> bytes:
    # The library leaves bytes beyond the point unread, and raises bare Exceptions.
    with suppress(Exception):
        if len(message) == _SHARE_BYTES:
            secret: bytes = pake.finish(message)
            return secret
    raise LinkingError("a message that is no share")


def _proof(secret: bytes, x: bytes, y: bytes, meeting: bytes) -> Proof:
    joined = len(x).to_bytes(2, "big") + x + len(y).to_bytes(2, "big") + y
    return Proof(extract(b"SakyaLink/1 spake2", secret), sha256(joined + meeting).digest())
