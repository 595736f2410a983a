import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded
from sakya_sync.ids import AuthorId, ChainHead, PeerId
from sakya_sync.limits import SEEN_MAX
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.seal import chain
from sakya_sync.seal.chain import Head
from sakya_sync.seal.inner import encode_inner
from sakya_sync.seal.keys import Kind, kind_key
from sakya_sync.seal.opener import open_sealed
from sakya_sync.seal.sealed import SealedDelta, SealedSnapshot, check_signature, parse
from sakya_sync.seal.sealer import Draft, seal_delta, seal_snapshot

from .vectors import AUTHORS, CASES, ROOM, SECRET, Case

AUTHOR = AUTHORS[0]
GENESIS = chain.genesis(AuthorId(AUTHOR.public), ROOM)
SPAN = Span(PeerId(7), 0, 3)
DELTAS = [case for case in CASES if case.kind == "delta" and not case.values["seen"]]


def delta(payload: bytes, random: bytes = bytes(32)) -> SealedDelta:
    return seal_delta(SECRET, ROOM, AUTHOR, 0, GENESIS, SPAN, payload, random=random)


@pytest.mark.parametrize("case", DELTAS, ids=[case.why for case in DELTAS])
def test_a_printed_delta_is_made_byte_for_byte(case: Case) -> None:
    printed = parse(case.raw)
    inner = encode_inner(case.payload, (), open_sealed(printed, SECRET, ROOM).snapshot_view,
                         compress=True)  # fmt: skip
    draft = Draft(
        ROOM, case.author, case.wseq, printed.prev, kind_key(SECRET, Kind.DELTA, ROOM), inner
    )
    assert draft.seal(printed.header, printed.nonce)[0] == case.raw


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
