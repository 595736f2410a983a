import random
from bisect import bisect_left
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded, RecordError
from sakya_sync.ids import AuthorId, ChainHead, PeerId, PublicKey, RoomId
from sakya_sync.limits import RECORD_BYTES_MAX, SNAPSHOT_HEADS_MAX
from sakya_sync.record import header as headers
from sakya_sync.record.header import DeltaHeader, SnapshotHeader
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.seal import chain
from sakya_sync.seal.chain import Head
from sakya_sync.seal.compression import deflate
from sakya_sync.seal.inner import encode_inner
from sakya_sync.seal.keys import EpochSecret, Kind, SigningKey, key_id, kind_key
from sakya_sync.seal.opener import open_sealed
from sakya_sync.seal.sealed import SealedDelta, SealedSnapshot, check_signature, parse
from sakya_sync.seal.sealer import Draft, seal_delta, seal_snapshot
from sakya_sync.wire.varint import Reader

from .vectors import AUTHORS, CASES, ROOM, SECRET, Case

AUTHOR = AUTHORS[0]
GENESIS = chain.genesis(AuthorId(AUTHOR.public), ROOM)
SPAN = Span(PeerId(7), 0, 3)
DELTAS = [case for case in CASES if case.kind == "delta"]
DELTA_PREFIX_BYTES = 81
OVERHEAD_BYTES = (1 + 2 + 1 + 1 + 12 + 13) + 2 + DELTA_PREFIX_BYTES + 32 + 64 + 16
"""Of a delta by a peer of one digit: header, length, prefix, commitment, signature, tag."""
KEY_ID, IV = key_id(SECRET), bytes(12)


def delta(
    payload: bytes,
    seen: Sequence[Head] = (),
    *,
    secret: EpochSecret = SECRET,
    room: RoomId = ROOM,
    author: SigningKey = AUTHOR,
    wseq: int = 0,
    prev: ChainHead = GENESIS,
    dice: bytes = bytes(32),
    compress: bool = True,
) -> SealedDelta:
    return seal_delta(
        secret, room, author, wseq, prev, SPAN, payload, seen, random=dice, compress=compress
    )


def remake(case: Case, state: bytes = b"") -> bytes:
    """The record again, from the values beside it; nothing is read from the record itself."""
    header = headers.decode(Reader(case["header"], RecordError))
    inner = encode_inner(case.payload, attested(case), None, compress=True)
    of_kind = kind_key(SECRET, Kind[case.kind.upper()], ROOM)
    draft = Draft(ROOM, case.author, case.wseq, ChainHead(case["prev"]), of_kind, inner)
    return draft.seal(header, case["nonce"], state)[0]


def attested(case: Case) -> list[Head]:
    """What is printed as `seen` has the first 8 bytes of each author's key only."""
    authors = {key.public[:8].hex(): AuthorId(key.public) for key in AUTHORS}
    return [
        Head(authors[prefix], wseq, ChainHead(bytes.fromhex(head)))
        for prefix, wseq, head in case.values["seen"]
    ]


@pytest.mark.parametrize("case", DELTAS, ids=[case.why for case in DELTAS])
def test_a_printed_delta_is_made_byte_for_byte(case: Case) -> None:
    assert remake(case) == case.raw


def test_the_printed_snapshot_is_made_byte_for_byte() -> None:
    # Heads, owners, number and parent are printed only inside the prefix. They are those that
    # the deltas before it add up to.
    (case,) = (case for case in CASES if case.kind == "snapshot")
    heads: dict[AuthorId, Head] = {}
    peers: dict[PeerId, tuple[AuthorId, int]] = {}
    for before in CASES[: CASES.index(case)]:
        header = headers.decode(Reader(before["header"], RecordError))
        assert isinstance(header, DeltaHeader)
        author = AuthorId(before.author.public)
        heads[author] = Head(author, before.wseq, ChainHead(before["chain"]))
        peers[header.span.peer] = (author, header.span.end)
    authors = sorted(heads)
    version = VersionVector({peer: end for peer, (_, end) in peers.items()})
    owners = [authors.index(peers[peer][0]) for peer in SnapshotHeader(version, KEY_ID, IV).peers]
    made = seal_snapshot(
        SECRET, ROOM, case.author, case.wseq, ChainHead(case["prev"]), version, owners,
        [heads[author] for author in authors], 1, chain.snapshot_genesis(ROOM), case.payload,
        random=bytes(32),
    )  # fmt: skip
    # The 32 random bytes are not printed: made from others, it differs by its nonce. The rest
    # of its prefix, sealed under the printed nonce, gives the printed record.
    iv = case["nonce"][:12]
    assert headers.encode(SnapshotHeader(version, KEY_ID, iv)) == case["header"]
    state = made.prefix[DELTA_PREFIX_BYTES:]
    assert remake(case, state) == case.raw


@given(st.binary(max_size=2000))
def test_what_is_sealed_opens(payload: bytes) -> None:
    sealed = parse(delta(payload).raw)
    check_signature(sealed, sealed.digest(ROOM))
    assert open_sealed(sealed, SECRET, ROOM).payload == payload


@pytest.mark.parametrize("seen", [0, 1, 2, 5])
def test_a_records_length_tells_the_step_of_its_payload_and_no_more(seen: int) -> None:
    # Random bytes do not shrink, a text repeated does: both are as long as their step says.
    dice = random.Random(seen)
    attested = [Head(AuthorId(PublicKey(dice.randbytes(32))), 0, GENESIS) for _ in range(seen)]
    lengths: dict[int, set[int]] = {}
    for size in [*range(241), *range(241, 2000, 7)]:
        for payload in (dice.randbytes(size), (b"the same words " * 134)[:size]):
            sealed = delta(payload, attested)
            packed = deflate(payload)
            body = len(payload if packed is None else packed)
            inner = 1 + uleb_bytes(size) + 1 + 44 * seen + uleb_bytes(body) + body
            lengths.setdefault(step_of(inner), set()).add(len(sealed.raw))
    assert len(lengths) > 20
    assert lengths == {step: {step + OVERHEAD_BYTES} for step in lengths}


def uleb_bytes(number: int) -> int:
    return 1 if number < 128 else 2


def step_of(length: int) -> int:
    """The steps of Padmé from 256 to 4096 bytes, written out."""
    steps: list[int] = [*range(256, 512, 16), *range(512, 1024, 32), *range(1024, 2048, 64)]
    steps += range(2048, 4097, 128)
    return steps[bisect_left(steps, length)]


@pytest.mark.parametrize("compress", [False, True], ids=["raw", "deflated"])
def test_no_payload_up_to_240_bytes_shows_its_length(compress: bool) -> None:
    dice = random.Random(1)
    alphabets = (bytes(range(256)), b"ab", b"a")
    lengths = {
        len(delta(bytes(dice.choices(alphabet, k=size)), compress=compress).raw)
        for size in range(241)
        for alphabet in alphabets
    }
    assert lengths == {256 + OVERHEAD_BYTES}


@pytest.mark.parametrize(
    ("payload_bytes", "record_bytes"),
    [(0, 499), (250, 499), (252, 515), (1024, 1331), (4096, 4595), (65_536, 67_828)],
)
def test_a_record_is_as_long_as_the_format_was_worked_out_to_be(
    payload_bytes: int, record_bytes: int
) -> None:
    # With a peer of 19 digits, and counters of one byte each.
    payload = random.Random(0).randbytes(payload_bytes)
    span = Span(PeerId(10**18), 0, 3)
    sealed = seal_delta(SECRET, ROOM, AUTHOR, 0, GENESIS, span, payload, random=bytes(32))
    assert len(sealed.raw) == record_bytes


def test_with_broken_dice_no_two_records_share_a_nonce() -> None:
    first = delta(b"one")
    assert first.raw == delta(b"one").raw
    others = [
        delta(b"two"),
        delta(b"one", dice=b"r" * 32),
        delta(b"one", wseq=1),
        delta(b"one", prev=ChainHead(bytes(32))),
        delta(b"one", author=AUTHORS[1]),
        delta(b"one", room=RoomId("room/other")),
        delta(b"one", secret=EpochSecret(bytes(32))),
        delta(b"one", seen=[Head(AuthorId(AUTHORS[1].public), 0, GENESIS)]),
    ]
    assert len({record.nonce for record in [first, *others]}) == 9
    assert all(record.header.iv == record.nonce[:12] for record in others)


def test_a_snapshot_says_whose_every_peer_is() -> None:
    heads = sorted(
        (Head(AuthorId(key.public), 3, ChainHead(bytes(32))) for key in AUTHORS),
        key=lambda head: head.author,
    )
    version = VersionVector({PeerId(9): 4, PeerId(10): 2})
    sealed = seal_snapshot(
        SECRET, ROOM, AUTHOR, 4, GENESIS, version, [2, 0], heads, 1,
        chain.snapshot_genesis(ROOM), b"everything", random=bytes(32),
    )  # fmt: skip
    again = parse(sealed.raw)
    assert isinstance(again, SealedSnapshot)
    assert again == sealed
    assert again.peer_owners == {PeerId(10): heads[2].author, PeerId(9): heads[0].author}
    assert open_sealed(again, SECRET, ROOM).payload == b"everything"


def test_a_record_may_be_so_long_and_no_longer() -> None:
    # At 48 MiB a step of the padding is 1 MiB: what is left over decides.
    fits = bytes(RECORD_BYTES_MAX - 2**20 - 100)
    assert RECORD_BYTES_MAX - 2**20 < len(delta(fits, compress=False).raw) <= RECORD_BYTES_MAX
    with pytest.raises(LimitExceeded):
        delta(bytes(RECORD_BYTES_MAX - 2**20), compress=False)


def test_a_snapshot_names_only_so_many_authors() -> None:
    def snapshot(count: int) -> SealedSnapshot:
        heads = [
            Head(AuthorId(PublicKey(number.to_bytes(32, "big"))), 0, GENESIS)
            for number in range(1, count + 1)
        ]
        return seal_snapshot(
            SECRET, ROOM, AUTHOR, 0, GENESIS, VersionVector({PeerId(1): 1}), [count - 1], heads,
            1, chain.snapshot_genesis(ROOM), b"everything", random=bytes(32),
        )  # fmt: skip

    most = snapshot(SNAPSHOT_HEADS_MAX)
    assert parse(most.raw) == most
    assert len(most.raw) - len(snapshot(1).raw) == 68 * (SNAPSHOT_HEADS_MAX - 1) + 2
    with pytest.raises(LimitExceeded):
        snapshot(SNAPSHOT_HEADS_MAX + 1)


def test_a_snapshot_is_longer_by_its_heads_and_owners_only() -> None:
    # 40 bytes, 68 for each author and 2 for each peer, beside the peers of its header.
    heads = [Head(AuthorId(PublicKey(bytes((n,)) * 32)), 0, GENESIS) for n in range(1, 5)]
    for count in range(1, 5):
        version = VersionVector({PeerId(peer): 1 for peer in range(count)})
        sealed = seal_snapshot(
            SECRET, ROOM, AUTHOR, 0, GENESIS, version, [0] * count, heads[:count], 1,
            chain.snapshot_genesis(ROOM), b"everything", random=bytes(32),
        )  # fmt: skip
        assert len(sealed.prefix) == DELTA_PREFIX_BYTES + 40 + 68 * count + 2 * count
        assert len(sealed.box) == 256 + 16
