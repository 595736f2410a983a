import subprocess
import sys
from pathlib import Path

from sakya_sync.ids import DeviceId, PeerId, PublicKey, RoomId

MIXED = """
from sakya_sync.ids import DeviceId, KeyId, PublicKey, SubjectId

def of(subject: SubjectId) -> None: ...

of(DeviceId(PublicKey(b"")))
of(KeyId(b""))
"""


def test_ids_cannot_be_mixed_up(tmp_path: Path) -> None:
    (tmp_path / "mixed.py").write_text(MIXED, "utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "mixed.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert checked.stdout.count("[arg-type]") == 2, checked.stdout


def test_ids_are_plain_values_when_running() -> None:
    assert type(DeviceId(PublicKey(b"k"))) is bytes
    assert type(RoomId("r")) is str
    assert type(PeerId(1)) is int
