import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.ids import PublicKey, SubjectId
from sakya_sync.seal.genesis import document_key, document_name, file_id, file_seed, genesis_peer
from sakya_sync.seal.keys import EpochSecret

FIRST, OTHER = EpochSecret(b"1" * 32), EpochSecret(b"2" * 32)
SUBJECT, ELSEWHERE = SubjectId(PublicKey(b"s" * 32)), SubjectId(PublicKey(b"t" * 32))


def test_one_file_has_one_document_on_every_device() -> None:
    one = file_seed(FIRST, SUBJECT, "notes/caf\u00e9.md", 0, b"text")
    assert one == file_seed(FIRST, SUBJECT, "notes/cafe\u0301.md", 0, b"text")
    assert len(file_id(one.public)) == 43
    others = [
        file_seed(OTHER, SUBJECT, "notes/café.md", 0, b"text"),
        file_seed(FIRST, ELSEWHERE, "notes/café.md", 0, b"text"),
        file_seed(FIRST, SUBJECT, "notes/cafe.md", 0, b"text"),
        file_seed(FIRST, SUBJECT, "notes/café.md", 1, b"text"),
        file_seed(FIRST, SUBJECT, "notes/café.md", 0, b"other"),
    ]
    assert len({key.public for key in [one, *others]}) == 6


@given(st.binary(min_size=32, max_size=32))
def test_a_genesis_peer_is_never_loros_own_number(public: bytes) -> None:
    peer = genesis_peer(FIRST, SUBJECT, PublicKey(public))
    assert 0 <= peer < 2**64 - 1
    assert peer % 2 == 0


def test_a_documents_name_tells_the_relay_nothing() -> None:
    name = document_name(FIRST, SUBJECT, "wines")
    assert len(name) == 22
    assert name == document_name(FIRST, SUBJECT, "wines")
    assert name != document_name(OTHER, SUBJECT, "wines")
    assert name != document_name(FIRST, SUBJECT, "wine")


@given(st.binary(min_size=32, max_size=32))
def test_a_files_name_is_the_key_that_signed_its_first_record(public: bytes) -> None:
    assert document_key(file_id(PublicKey(public))) == public


@pytest.mark.parametrize(
    "name", ["", "structure", "A" * 42, "A" * 44, "A" * 42 + "B", "A" * 42 + "é", "A" * 42 + "\0"]
)
def test_no_other_name_is_a_key(name: str) -> None:
    assert document_key(name) is None
