from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.ids import AuthorId, ChainHead, Digest, PublicKey
from sakya_sync.seal import chain
from sakya_sync.seal.chain import Head, decode_heads, encode_heads

from .vectors import CASES, ROOM, VECTORS

heads = st.dictionaries(
    st.binary(min_size=32, max_size=32),
    st.tuples(st.integers(0, 2**32 - 1), st.binary(min_size=32, max_size=32)),
    max_size=5,
).map(
    lambda found: tuple(
        Head(AuthorId(PublicKey(author)), wseq, ChainHead(link))
        for author, (wseq, link) in sorted(found.items())
    )
)


def test_chains_begin_and_go_on_as_printed() -> None:
    for author in VECTORS["authors"]:
        key = AuthorId(PublicKey(bytes.fromhex(author["public"])))
        assert chain.genesis(key, ROOM).hex() == author["genesis"]
    assert chain.snapshot_genesis(ROOM).hex() == VECTORS["snapshot_genesis"]
    for case in CASES:
        assert chain.link(ChainHead(case["prev"]), Digest(case["digest"])) == case["chain"]


@given(heads)
def test_heads_read_back(found: tuple[Head, ...]) -> None:
    assert decode_heads(encode_heads(found)) == found


@given(heads.filter(lambda found: len(found) > 1))
def test_heads_out_of_order_or_cut_short_are_refused(found: tuple[Head, ...]) -> None:
    encoded = encode_heads(found)
    for spoiled in (encoded[68:] + encoded[:68], encoded + encoded[-68:], encoded[:-1]):
        with pytest.raises(RecordError):
            decode_heads(spoiled)


def test_the_snapshots_of_a_room_are_a_chain() -> None:
    def digest(person: bytes, content: bytes) -> bytes:
        return blake2b(content, digest_size=32, person=person).digest()

    room = len(ROOM).to_bytes(4, "little") + ROOM.encode()
    first = digest(b"SakyaSnap1", b"genesis" + room)
    assert chain.snapshot_genesis(ROOM) == first
    second = digest(b"SakyaSnap1", b"link" + first + bytes(32))
    assert chain.snapshot_link(ChainHead(first), Digest(bytes(32))) == second
    # No link of an author's chain is one of the snapshots', whatever it is made of.
    assert chain.link(ChainHead(first), Digest(bytes(32))) != second
