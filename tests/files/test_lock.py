import os
from pathlib import Path

import pytest

from sakya_sync.errors import DeviceBusy
from sakya_sync.files.lock import ProcessLock, is_locked


def test_one_process_at_a_time_and_the_other_is_told_which(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with ProcessLock(path, tmp_path):
        assert is_locked(path)
        with pytest.raises(DeviceBusy) as caught, ProcessLock(path, tmp_path):
            pass
        assert str(os.getpid()) in caught.value.hint
    assert not is_locked(path)
    with ProcessLock(path, tmp_path):
        pass
