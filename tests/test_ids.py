from pathlib import Path

from sakya_sync.ids import DeviceId, PeerId, PublicKey, RoomId
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
