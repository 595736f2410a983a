from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import RecordError
from sakya_sync.history.version import ProjectVersion
from sakya_sync.ids import FileId

FILES = st.binary(min_size=32, max_size=32).map(
    lambda key: FileId(urlsafe_b64encode(key).rstrip(b"=").decode())
)
VERSIONS = st.builds(
    ProjectVersion, st.binary(max_size=40), st.dictionaries(FILES, st.binary(max_size=40))
)


@given(VERSIONS)
def test_a_version_is_read_as_it_was_written_and_has_one_id(version: ProjectVersion) -> None:
    again = ProjectVersion.decode(version.encode())
    assert again == version
    assert again.id == version.id
    assert ProjectVersion(version.structure + b"x", version.bodies).id != version.id


@given(st.binary(max_size=60))
def test_rubbish_is_our_error(rubbish: bytes) -> None:
    try:
        assert isinstance(ProjectVersion.decode(rubbish), ProjectVersion)
    except RecordError:
        return


@given(VERSIONS)
def test_a_cut_version_is_refused(version: ProjectVersion) -> None:
    encoded = version.encode()
    with pytest.raises(RecordError):
        ProjectVersion.decode(encoded[:-1])
