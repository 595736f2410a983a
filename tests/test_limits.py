from sakya_sync import limits


def test_fragments_and_records_fit_into_what_carries_them() -> None:
    # 151 bytes at most stand around a fragment's data: facts of the frame's layout.
    assert limits.FRAGMENT_DATA_BYTES + 151 <= limits.FRAME_BYTES_MAX
    assert limits.UPDATE_BYTES_UNFRAGMENTED_MAX + 151 <= limits.FRAME_BYTES_MAX
    assert limits.FRAGMENTS_MAX * limits.FRAGMENT_DATA_BYTES >= limits.BATCH_BYTES_MAX
    assert limits.RECORD_BYTES_MAX < limits.BATCH_BYTES_MAX
    assert limits.JOIN_PAYLOAD_BYTES_MAX < limits.FRAME_BYTES_MAX


def test_every_limit_is_a_positive_number() -> None:
    numbers = [value for name, value in vars(limits).items() if name.isupper()]
    assert numbers
    assert all(isinstance(value, int | float) and value > 0 for value in numbers)
