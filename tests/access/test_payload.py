import random

import pytest

from sakya_sync.access.payload import JoinExtra, JoinPayload
from sakya_sync.errors import LimitExceeded, WireError
from sakya_sync.ids import AuthorId, ChainHead, PublicKey
from sakya_sync.seal.chain import Head

from .people import digest


def head(name: str, wseq: int = 3) -> Head:
    return Head(AuthorId(PublicKey(digest(name))), wseq, ChainHead(digest(f"chain {name}")))


HEADS = tuple(sorted((head(name) for name in "abc"), key=lambda item: item.author))
FULL = JoinPayload(
    bytes(range(120)), (b"one", b"", b"three"), HEADS, digest("project"), bytes(range(16))
)
PAYLOADS = [
    JoinPayload(),
    JoinPayload(ticket=bytes(120)),
    JoinPayload(heads=()),
    JoinPayload(digest=digest("project")),
    JoinPayload(invitation=bytes(16)),
    FULL,
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_comes_back_as_it_was(payload: JoinPayload) -> None:
    encoded = payload.encode()
    assert JoinPayload.decode(encoded) == payload
    assert JoinPayload.decode(encoded).encode() == encoded


def test_no_payload_is_an_empty_one() -> None:
    assert JoinPayload().encode() == b""
    assert JoinExtra().encode() == b""
    assert JoinPayload.decode(b"") == JoinPayload()


def test_no_heads_and_not_saying_are_different() -> None:
    assert JoinPayload(heads=()).encode() == b"\x01\x03\0\0\0\0"
    assert JoinPayload.decode(b"").heads is None


def test_heads_are_sent_sorted() -> None:
    assert JoinPayload(heads=HEADS[::-1]).encode() == JoinPayload(heads=HEADS).encode()


def test_the_relays_answer_has_the_same_sections() -> None:
    extra = JoinExtra(HEADS, digest("project"))
    assert JoinExtra.decode(extra.encode()) == extra
    assert JoinPayload.decode(extra.encode()) == JoinPayload(None, (), HEADS, extra.digest)
    with pytest.raises(WireError):
        JoinExtra.decode(FULL.encode())


@pytest.mark.parametrize(
    "encoded",
    [
        b"\x00",
        b"\x01",
        b"\x02\x03\0\0\0\0",
        b"\x01\x03\0\0\0\0\x03\0\0\0\0",
        b"\x01\x04" + b"\x20\0\0\0" + bytes(32) + b"\x03\0\0\0\0",
        b"\x01\x05\0\0\0\0",
        b"\x01\x00\0\0\0\0",
        b"\x01\x01\x77\0\0\0" + bytes(119),
        b"\x01\x02\0\0\0\0",
        b"\x01\x02\x05\0\0\0\x02\0\0\0x",
        b"\x01\x03\x01\0\0\0x",
        b"\x01\x04\x1f\0\0\0" + bytes(31),
        b"\x01\x03\xff\xff\xff\xff",
    ],
)
def test_malformed_payloads_are_refused(encoded: bytes) -> None:
    with pytest.raises(WireError):
        JoinPayload.decode(encoded)


def test_unsorted_and_repeated_heads_are_refused() -> None:
    rows = [item.author + item.wseq.to_bytes(4, "little") + item.chain for item in HEADS]
    for chosen in (rows[::-1], [rows[0], rows[0]]):
        content = b"".join(chosen)
        with pytest.raises(WireError):
            JoinPayload.decode(b"\x01\x03" + len(content).to_bytes(4, "little") + content)


def test_an_introduction_has_at_most_64_certificates() -> None:
    most = JoinPayload(introduction=tuple(bytes([number]) for number in range(64)))
    assert JoinPayload.decode(most.encode()) == most
    with pytest.raises(LimitExceeded):
        JoinPayload(introduction=(b"x",) * 65).encode()
    content = b"\x01\0\0\0x" * 65
    with pytest.raises(WireError):
        JoinPayload.decode(b"\x01\x02" + len(content).to_bytes(4, "little") + content)


def test_a_payload_has_a_largest_size() -> None:
    with pytest.raises(LimitExceeded):
        JoinPayload(introduction=(bytes(131_072),)).encode()
    with pytest.raises(WireError):
        JoinPayload.decode(bytes(131_073))


def test_rubbish_is_refused_or_read_the_one_way_it_can_be() -> None:
    dice = random.Random(4)
    source = FULL.encode()
    for _ in range(5000):
        damaged = bytearray(source[: dice.randrange(len(source) + 1)])
        for _ in range(dice.randrange(4)):
            if damaged:
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            payload = JoinPayload.decode(bytes(damaged))
        except WireError:
            continue
        assert payload.encode() == damaged
