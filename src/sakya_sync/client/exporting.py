"""Files of any moment, written out as they were: byte for byte."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sakya_sync.client.filestate import FileState
from sakya_sync.errors import TargetPresent
from sakya_sync.files.faults import translated

_REGULAR: Final = 0o100644 << 16
_EXECUTABLE: Final = 0o100755 << 16
_ZIP_BEGAN: Final = 315_532_800


def export_folder(files: Iterable[FileState], target: Path) -> None:
    """Write files into a folder that is new, or empty. Raises TargetPresent and disk faults."""
    with translated(target):
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise TargetPresent(path=target)
        for state in files:
            path = target / state.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(state.data)
            if state.entry.executable:
                path.chmod(path.stat().st_mode | 0o111)


def export_zip(files: Iterable[FileState], target: Path, at_ms: int) -> None:
    """Write files into a zip file that is new. Raises TargetPresent and disk faults.

    Args: at_ms: the time that all of them get, so that one moment makes one file.
    """
    # Zip files know no time before 1980.
    moment = datetime.fromtimestamp(max(at_ms // 1000, _ZIP_BEGAN), UTC)
    with translated(target):
        try:
            with target.open("xb") as file, ZipFile(file, "w", ZIP_DEFLATED) as archive:
                for state in files:
                    info = ZipInfo(state.path, moment.timetuple()[:6])
                    info.external_attr = _EXECUTABLE if state.entry.executable else _REGULAR
                    archive.writestr(info, state.data, ZIP_DEFLATED)
        except FileExistsError as error:
            raise TargetPresent(path=target) from error
