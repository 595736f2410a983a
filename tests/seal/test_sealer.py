import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded, RecordError
from sakya_sync.ids import AuthorId, ChainHead, PeerId
from sakya_sync.limits import SEEN_MAX
from sakya_sync.record import header as headers
from sakya_sync.record.header import DeltaHeader, SnapshotHeader
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.seal import chain
from sakya_sync.seal.chain import Head
from sakya_sync.seal.inner import encode_inner
from sakya_sync.seal.keys import Kind, key_id, kind_key
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
KEY_ID, IV = key_id(SECRET), bytes(12)


def delta(payload: bytes, random: bytes = bytes(32)) -> SealedDelta:
    return seal_delta(SECRET, ROOM, AUTHOR, 0, GENESIS, SPAN, payload, random=random)


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


def test_the_length_of_a_short_edit_tells_nothing() -> None:
    assert len({len(delta(bytes(size)).raw) for size in range(240)}) == 1


def test_with_broken_dice_no_two_records_share_a_nonce() -> None:
    assert delta(b"one").nonce != delta(b"two").nonce
    assert delta(b"one").raw == delta(b"one").raw
    assert delta(b"one").nonce != delta(b"one", random=b"r" * 32).nonce


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


def test_attested_heads_are_bounded() -> None:
    head = Head(AuthorId(AUTHOR.public), 0, GENESIS)
    with pytest.raises(LimitExceeded):
        encode_inner(b"", [head] * (SEEN_MAX + 1), None, compress=True)
