"""What every handshake has: first messages that prove the keys, and what comes of them.

    okm = HKDF-Expand(prk, "SakyaLink/1 keys" || h1, 64): the answering device's key, the other's
    M1  = [share] || AEAD(answering key, 0, h1, "SLP1-INIT" || intent);   h2 = SHA256(h1 || M1)
    M2  = AEAD(other key, 0, h2, "SLP1-OK");                              h3 = SHA256(h2 || M2)

Spec: docs/protocol.md#linking; vectors/linking/handshake.json.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import Final, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from sakya_sync.errors import LinkingError
from sakya_sync.linking.channel import KEY_BYTES, Channel, open_, seal
from sakya_sync.linking.payload import Intent

CHECK_DIGITS: Final = 6

_FIRST, _SECOND = b"SLP1-INIT", b"SLP1-OK"


@dataclass(frozen=True, slots=True)
class Met:
    """A handshake has come to its end at this device."""

    channel: Channel
    check_code: str | None = field(default=None, repr=False)
    """Six digits that prove who sits at the other device; None where a typed code did already."""
    shows_code: bool = False
    """Whether this device shows the check code, and the other one asks for it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one message led to."""

    answer: bytes | None = None
    met: Met | None = None


class Greeting(Protocol):
    """One device's side of a handshake."""

    def begin(self) -> bytes | None:
        """What to send before anything has come."""

    def take(self, message: bytes) -> Step:
        """The other's next message. Raises LinkingError, and is of no use after that."""

    def wipe(self) -> None:
        """Forget every secret."""


@dataclass(slots=True)
class Proof:
    """The keys of a handshake, and how far it has come. `answering` is who sends M1."""

    prk: bytes = field(repr=False)
    transcript: bytes
    answering_key: bytes = field(init=False, repr=False)
    other_key: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        okm = _expand(self.prk, b"SakyaLink/1 keys" + self.transcript, 2 * KEY_BYTES)
        self.answering_key, self.other_key = okm[:KEY_BYTES], okm[KEY_BYTES:]

    def first(self, intent: Intent, share: bytes = b"") -> bytes:
        """M1."""
        text = _FIRST + bytes((intent,))
        message = share + seal(self.answering_key, 0, self.transcript, text)
        self._heard(message)
        return message

    def check_first(self, message: bytes, intent: Intent, share_bytes: int = 0) -> None:
        """Raises LinkingError unless it is M1."""
        text = open_(self.answering_key, 0, self.transcript, message[share_bytes:])
        if not compare_digest(text, _FIRST + bytes((intent,))):
            raise LinkingError("a first message for something else")
        self._heard(message)

    def second(self) -> bytes:
        """M2."""
        message = seal(self.other_key, 0, self.transcript, _SECOND)
        self._heard(message)
        return message

    def check_second(self, message: bytes) -> None:
        """Raises LinkingError unless it is M2."""
        if not compare_digest(open_(self.other_key, 0, self.transcript, message), _SECOND):
            raise LinkingError("a second message for something else")
        self._heard(message)

    def check_code(self) -> str:
        """Six digits of everything said so far."""
        number = int.from_bytes(_expand(self.prk, b"SakyaLink/1 check" + self.transcript, 8), "big")
        return f"{number % 10**CHECK_DIGITS:0{CHECK_DIGITS}}"

    def channel(self, *, answering: bool) -> Channel:
        """This device's end."""
        keys = (self.answering_key, self.other_key)
        return Channel(self.transcript, *(keys if answering else reversed(keys)))

    def _heard(self, message: bytes) -> None:
        self.transcript = sha256(self.transcript + message).digest()


def extract(salt: bytes, secret: bytes) -> bytes:
    """HKDF-Extract with SHA-256."""
    return HKDF.extract(SHA256(), salt, secret)


def _expand(prk: bytes, info: bytes, size: int) -> bytes:
    return HKDFExpand(SHA256(), size, info).derive(prk)
