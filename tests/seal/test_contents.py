import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.ids import PublicKey, SubjectId
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.keys import EpochSecret, SealingSecret, SigningKey
from sakya_sync.seal.ring import KeyRing

ACCOUNT = SubjectId(PublicKey(b"a" * 32))
PROJECT = SubjectId(PublicKey(b"p" * 32))
FULL = VaultContents(
    SigningKey(b"d" * 32), SealingSecret(b"s" * 32), ACCOUNT, b"k" * 32, "laptop"
).with_ring(PROJECT, KeyRing([(0, EpochSecret(b"e" * 32))]))
BARE = VaultContents(SigningKey(b"d" * 32), SealingSecret(b"s" * 32))


@pytest.mark.parametrize("contents", [FULL, BARE], ids=["full", "bare"])
def test_contents_read_back(contents: VaultContents) -> None:
    assert VaultContents.decode(contents.encode()) == contents


def test_damaged_contents_are_refused() -> None:
    encoded = FULL.encode()
    for spoiled in [encoded + b"x", *(encoded[:size] for size in range(len(encoded)))]:
        with pytest.raises(RecordError):
            VaultContents.decode(spoiled)


@given(st.binary(max_size=200))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with contextlib.suppress(RecordError):
        VaultContents.decode(b"\x01" + rubbish)


def test_no_secret_is_shown() -> None:
    assert "kkkk" not in repr(FULL)
    assert "eeee" not in repr(FULL)
