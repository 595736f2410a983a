from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.ids import DeviceId, PeerId, PublicKey, RoomId, decode_id, encode_id
from typecheck import check_types

MIXED = """
from sakya_sync.ids import DeviceId, KeyId, PublicKey, SubjectId

def of(subject: SubjectId) -> None: ...

of(DeviceId(PublicKey(b"")))
of(KeyId(b""))
"""


def test_ids_cannot_be_mixed_up(tmp_path: Path) -> None:
    checked = check_types(MIXED, tmp_path)
    assert checked.stdout.count("[arg-type]") == 2, checked.stdout


def test_ids_are_plain_values_when_running() -> None:
    assert type(DeviceId(PublicKey(b"k"))) is bytes
    assert type(RoomId("r")) is str
    assert type(PeerId(1)) is int


@given(st.binary(max_size=40), st.text(max_size=20))
def test_an_id_is_read_as_it_was_written_and_rubbish_is_none(key: bytes, text: str) -> None:
    assert decode_id(encode_id(key)) == key
    assert "=" not in encode_id(key)
    assert isinstance(decode_id(text), bytes)
