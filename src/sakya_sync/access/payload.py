"""What travels in a join and in its answer. Spec: docs/protocol.md#join."""

from dataclasses import dataclass
from typing import Final

from sakya_sync.access.tickets import TICKET_BYTES
from sakya_sync.errors import LimitExceeded, RecordError, WireError
from sakya_sync.limits import INTRODUCTION_CERTIFICATES_MAX, JOIN_PAYLOAD_BYTES_MAX
from sakya_sync.seal.chain import Head, decode_heads, encode_heads
from sakya_sync.wire.varint import Reader

_VERSION = 1
_TICKET, _INTRODUCTION, _HEADS, _DIGEST, _INVITATION = 1, 2, 3, 4, 5
_DIGEST_BYTES: Final = 32
INVITATION_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class JoinPayload:
    """A device's request. Nothing in it has been verified."""

    ticket: bytes | None = None
    introduction: tuple[bytes, ...] = ()
    """Encoded certificates, at most 64."""
    heads: tuple[Head, ...] | None = None
    """What the device holds of the room; None from one that goes by Loro's version."""
    digest: bytes | None = None
    invitation: bytes | None = None
    """What the relay's operator gave out, INVITATION_BYTES long."""

    def encode(self) -> bytes:
        """Raises LimitExceeded."""
        if len(self.introduction) > INTRODUCTION_CERTIFICATES_MAX:
            raise LimitExceeded(f"an introduction of {len(self.introduction)} certificates")
        sections: dict[int, bytes] = {}
        if self.ticket is not None:
            sections[_TICKET] = self.ticket
        if self.introduction:
            sections[_INTRODUCTION] = b"".join(_lp(item) for item in self.introduction)
        if self.invitation is not None:
            assert len(self.invitation) == INVITATION_BYTES
            sections[_INVITATION] = self.invitation
        encoded = _encode_sections(sections | _state_sections(self.heads, self.digest))
        if len(encoded) > JOIN_PAYLOAD_BYTES_MAX:
            raise LimitExceeded(f"a join payload of {len(encoded)} bytes")
        return encoded

    @classmethod
    def decode(cls, encoded: bytes) -> "JoinPayload":
        """Raises WireError."""
        if len(encoded) > JOIN_PAYLOAD_BYTES_MAX:
            raise WireError("join payload too long")
        sections = _decode_sections(encoded, _TICKET, _INVITATION)
        ticket = sections.get(_TICKET)
        if ticket is not None and len(ticket) != TICKET_BYTES:
            raise WireError("a ticket's length")
        introduction = _decode_introduction(sections.get(_INTRODUCTION))
        invitation = sections.get(_INVITATION)
        if invitation is not None and len(invitation) != INVITATION_BYTES:
            raise WireError("an invitation's length")
        return cls(ticket, introduction, *_decode_state(sections), invitation)


@dataclass(frozen=True, slots=True)
class JoinExtra:
    """What the relay adds when it lets a device in."""

    heads: tuple[Head, ...] | None = None
    digest: bytes | None = None

    def encode(self) -> bytes:
        """Empty when there is nothing to say."""
        return _encode_sections(_state_sections(self.heads, self.digest))

    @classmethod
    def decode(cls, encoded: bytes) -> "JoinExtra":
        """Raises WireError."""
        return cls(*_decode_state(_decode_sections(encoded, _HEADS, _DIGEST)))


def _state_sections(heads: tuple[Head, ...] | None, digest: bytes | None) -> dict[int, bytes]:
    sections: dict[int, bytes] = {}
    if heads is not None:
        sections[_HEADS] = encode_heads(tuple(sorted(heads, key=lambda head: head.author)))
    if digest is not None:
        assert len(digest) == _DIGEST_BYTES
        sections[_DIGEST] = digest
    return sections


def _decode_state(sections: dict[int, bytes]) -> tuple[tuple[Head, ...] | None, bytes | None]:
    heads: tuple[Head, ...] | None = None
    if (encoded := sections.get(_HEADS)) is not None:
        try:
            heads = tuple(decode_heads(encoded))
        except RecordError as error:
            raise WireError(f"heads: {error.details['detail']}") from None
    digest = sections.get(_DIGEST)
    if digest is not None and len(digest) != _DIGEST_BYTES:
        raise WireError("a digest's length")
    return heads, digest


def _decode_introduction(section: bytes | None) -> tuple[bytes, ...]:
    if section is None:
        return ()
    reader = Reader(section, WireError)
    certificates: list[bytes] = []
    while reader.remaining:
        certificates.append(_read_lp(reader))
    if not 1 <= len(certificates) <= INTRODUCTION_CERTIFICATES_MAX:
        raise WireError(f"an introduction of {len(certificates)} certificates")
    return tuple(certificates)


def _encode_sections(sections: dict[int, bytes]) -> bytes:
    if not sections:
        return b""
    body = b"".join(bytes([tag]) + _lp(content) for tag, content in sorted(sections.items()))
    return bytes([_VERSION]) + body


def _decode_sections(encoded: bytes, tag_min: int, tag_max: int) -> dict[int, bytes]:
    if not encoded:
        return {}
    reader = Reader(encoded, WireError)
    if reader.u8() != _VERSION:
        raise WireError("unknown version of a join payload")
    sections: dict[int, bytes] = {}
    last = tag_min - 1
    while reader.remaining or not sections:
        tag = reader.u8()
        if not last < tag <= tag_max:
            raise WireError(f"unexpected section {tag}")
        sections[tag] = _read_lp(reader)
        last = tag
    return sections


def _lp(content: bytes) -> bytes:
    return len(content).to_bytes(4, "little") + content


def _read_lp(reader: Reader) -> bytes:
    return bytes(reader.take(int.from_bytes(reader.take(4), "little")))
