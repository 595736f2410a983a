from sakya_sync.limits import OPAQUE_BYTES_MAX
from sakya_sync.mapping.opaque import kept_beside, read_versions, shown_version, version_id

ONE, TWO = b"\x89PNG one", b"\x89PNG two"


def test_of_two_versions_one_is_shown_and_the_other_kept_beside() -> None:
    held = read_versions({version_id(ONE): ONE, version_id(TWO): TWO})
    shown = shown_version(held)
    assert {shown, *kept_beside(held)} == {version_id(ONE), version_id(TWO)}
    assert kept_beside(held) != [shown]


def test_a_version_under_a_false_name_or_too_large_is_left_out() -> None:
    large = bytes(OPAQUE_BYTES_MAX + 1)
    items = {version_id(ONE): TWO, "x": ONE, version_id(large): large, version_id(TWO): "text"}
    assert read_versions(items) == {}
    assert shown_version({}) is None
