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


def test_the_limits_that_the_protocol_prints_are_those() -> None:
    assert limits.FRAME_BYTES_MAX == 262_144
    assert limits.ROOM_BYTES_MAX == 128
    assert limits.UPDATE_BYTES_UNFRAGMENTED_MAX == limits.FRAGMENT_DATA_BYTES == 245_760
    assert limits.FRAGMENTS_MAX == 1_024
    assert limits.BATCH_BYTES_MAX == 64 * 1024 * 1024
    assert limits.FRAGMENT_BATCHES_OPEN_MAX == 8
    assert limits.FRAGMENT_TIMEOUT_SECONDS == 10
    assert limits.COUNTER_MAX + 1 == 2**31


def test_least_and_greatest_are_in_order() -> None:
    for name, least in vars(limits).items():
        if name.endswith("_MIN"):
            most = vars(limits).get(name.removesuffix("_MIN") + "_MAX")
            assert most is None or least < most
