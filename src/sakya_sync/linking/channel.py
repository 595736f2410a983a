"""What two devices say to each other once they hold the same keys: frames, in order, both ways.

    first messages use counter 0:  AEAD(key, 0^12, context, text)
    frame = AEAD(key of the direction, 0^4 || counter u64, h3, type u8 || body), counters from 1

AEAD is ChaCha20-Poly1305. Spec: docs/protocol.md#linking; vectors/linking/handshake.json.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sakya_sync.errors import LinkingError
from sakya_sync.limits import LINK_MESSAGE_BYTES_MAX

KEY_BYTES = 32


class FrameType(IntEnum):
    """What a frame says."""

    CHECKED = 1
    HELLO = 2
    PROVISION = 3
    DONE = 4
    SHARED = 5
    REFUSED = 6


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, opened."""

    type: FrameType
    body: bytes


@dataclass(slots=True)
class Channel:
    """One end. A frame that is not the very next one of the other end does not open."""

    transcript: bytes
    """h3: everything that led to the keys."""
    send_key: bytes = field(repr=False)
    receive_key: bytes = field(repr=False)
    sent: int = 0
    received: int = 0

    def seal(self, kind: FrameType, body: bytes = b"") -> bytes:
        """The next frame to the other end."""
        self.sent += 1
        return seal(self.send_key, self.sent, self.transcript, bytes((kind,)) + body)

    def open(self, message: bytes) -> Frame:
        """The other end's next frame. Raises LinkingError."""
        opened = open_(self.receive_key, self.received + 1, self.transcript, message)
        self.received += 1
        try:
            return Frame(FrameType(opened[0]), opened[1:])
        except (IndexError, ValueError):
            raise LinkingError("a frame of no known type") from None

    def wipe(self) -> None:
        """Forget the keys."""
        self.send_key = self.receive_key = b""


def seal(key: bytes, counter: int, context: bytes, text: bytes) -> bytes:
    """The text, and 16 bytes. A counter is used once under a key."""
    return ChaCha20Poly1305(key).encrypt(_nonce(counter), text, context)


def open_(key: bytes, counter: int, context: bytes, message: bytes) -> bytes:
    """What was sealed. Raises LinkingError, with the same words whatever was wrong."""
    if len(message) <= LINK_MESSAGE_BYTES_MAX and len(key) == KEY_BYTES:
        try:
            return ChaCha20Poly1305(key).decrypt(_nonce(counter), message, context)
        except InvalidTag:
            pass
    raise LinkingError("a message does not open")


def _nonce(counter: int) -> bytes:
    return bytes(4) + counter.to_bytes(8, "big")
