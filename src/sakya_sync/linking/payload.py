"""What a shown code says: who shows it, where to meet, and a secret that no relay hears of.

    P = 01 || intent u8 || meeting[16] || share[32] || optical secret[16] || tag[16] || expiry u32
        || scheme u8 || length u8 || place || SHA256("SakyaLink/1 checksum" || all before)[0:4]

Spec: docs/protocol.md#linking; vectors/linking/payload.json.
"""

from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from hmac import compare_digest
from ipaddress import ip_address
from typing import Final

from sakya_sync.errors import LinkTextExpired, LinkTextWrong
from sakya_sync.limits import LINK_EXPIRY_AHEAD_SECONDS_MAX, LINK_TEXT_CHARACTERS_MAX

PREFIX: Final = "SAKYA1:"
MEETING_BYTES: Final = 16
SHARE_BYTES: Final = 32
OPTICAL_BYTES: Final = 16
TAG_BYTES: Final = 16
PLACE_BYTES_MAX: Final = 255

_VERSION = 1
_FIXED_BYTES = 88
_CHECKSUM_BYTES = 4
_SCHEMES = ("wss://", "ws://")


class Intent(IntEnum):
    """Which device shows the code."""

    NEW_SHOWS = 0
    EXISTING_SHOWS = 1


@dataclass(frozen=True, slots=True)
class Payload:
    """What was shown, or is to be."""

    intent: Intent
    meeting: bytes
    """16 random bytes that name the mailbox both devices meet in."""
    share: bytes
    """The showing device's X25519 public key, made for this linking alone."""
    optical: bytes = field(repr=False)
    """16 random bytes that travel by sight only."""
    tag: bytes
    """Whom to expect: `device_tag` of a new device, `account_tag` of an existing one's account."""
    expiry: int
    """Seconds since 1970."""
    relay: str
    """The relay's URL: ws:// or wss://, at most 255 bytes after that."""

    def encode(self) -> bytes:
        """Its bytes; `as_text` makes them fit for a picture and for pasting."""
        scheme = next(place for place, name in enumerate(_SCHEMES) if self.relay.startswith(name))
        place = self.relay.removeprefix(_SCHEMES[scheme]).encode()
        assert 0 < len(place) <= PLACE_BYTES_MAX
        body = bytes((_VERSION, self.intent)) + self.meeting + self.share + self.optical + self.tag
        body += self.expiry.to_bytes(4, "big") + bytes((scheme, len(place))) + place
        assert len(body) == _FIXED_BYTES + len(place)
        return body + _checksum(body)


def as_text(encoded: bytes) -> str:
    """Upper case letters and digits, which a picture holds best."""
    return PREFIX + b32encode(encoded).decode().rstrip("=")


def from_text(text: str) -> bytes:
    """The bytes of a text in any case, with spaces and line breaks anywhere.

    Raises: LinkTextWrong.
    """
    typed = "".join(text.split()).upper()
    if not typed.startswith(PREFIX) or len(typed) > LINK_TEXT_CHARACTERS_MAX:
        raise LinkTextWrong("it does not begin as one")
    letters = typed.removeprefix(PREFIX)
    try:
        encoded = b32decode(letters + "=" * (-len(letters) % 8))
    except (NotBase32, ValueError):
        raise LinkTextWrong("a part of it is missing or mistyped") from None
    if as_text(encoded) != typed:
        raise LinkTextWrong("a part of it is missing or mistyped")
    return encoded


def decode(encoded: bytes) -> Payload:
    """Read a payload; whether it fits the moment, `check` says. Raises LinkTextWrong."""
    body, checksum = encoded[:-_CHECKSUM_BYTES], encoded[-_CHECKSUM_BYTES:]
    if not body or not compare_digest(_checksum(body), checksum):
        raise LinkTextWrong("a part of it is missing or mistyped")
    if body[0] != _VERSION:
        raise LinkTextWrong("it was made by a newer version of Sakya Sync")
    if len(body) < _FIXED_BYTES or len(body) != _FIXED_BYTES + body[_FIXED_BYTES - 1]:
        raise LinkTextWrong("it has the wrong length")
    try:
        intent, scheme = Intent(body[1]), _SCHEMES[body[_FIXED_BYTES - 2]]
        place = body[_FIXED_BYTES:].decode("ascii")
    except (ValueError, IndexError):
        raise LinkTextWrong("it names no relay") from None
    if not place or not place.isprintable() or " " in place:
        raise LinkTextWrong("it names no relay")
    return Payload(
        intent=intent,
        meeting=body[2:18],
        share=body[18:50],
        optical=body[50:66],
        tag=body[66:82],
        expiry=int.from_bytes(body[82:86], "big"),
        relay=scheme + place,
    )


def check(payload: Payload, expected: Intent, now: int, *, trusted: str | None = None) -> None:
    """Whether a payload may be followed now.

    Args:
        expected: what this device can answer: a new one answers EXISTING_SHOWS.
        now: seconds since 1970.
        trusted: a relay that was named by hand, which may be one without TLS.

    Raises: LinkTextWrong, LinkTextExpired.
    """
    if payload.intent is not expected:
        raise LinkTextWrong("it is shown by a device of the same side as this one")
    if payload.expiry <= now:
        raise LinkTextExpired
    if payload.expiry > now + LINK_EXPIRY_AHEAD_SECONDS_MAX:
        raise LinkTextWrong("its time is too far ahead: one of the two clocks is wrong")
    plain = payload.relay.startswith("ws://")
    if plain and payload.relay != trusted and not _is_loopback(payload.relay):
        raise LinkTextWrong("its relay has no TLS; name it with --relay if you trust the network")


def _is_loopback(relay: str) -> bool:
    place = relay.partition("://")[2].partition("/")[0]
    host = place.partition("]")[0].lstrip("[") if place.startswith("[") else place.partition(":")[0]
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _checksum(body: bytes) -> bytes:
    return sha256(b"SakyaLink/1 checksum" + body).digest()[:_CHECKSUM_BYTES]
