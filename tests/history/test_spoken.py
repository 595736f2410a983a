from datetime import UTC, datetime

import pytest

from sakya_sync.errors import MomentAhead
from sakya_sync.history.spoken import MomentReader, passed

NOW_MS = round(datetime(2026, 11, 25, 10, 30, tzinfo=UTC).timestamp() * 1000)


def test_a_reader_leaves_what_it_does_not_understand() -> None:
    reader = MomentReader(["yesterday", "9", "am", "banana"], NOW_MS, UTC)
    assert reader.moment().meaning == "Tuesday 24 November 2026, 09:00"
    assert reader.pieces == ["banana"]


@pytest.mark.parametrize("pieces", [["banana"], [], ["2", "ago"], ["ago"]])
def test_a_reader_that_understands_nothing_says_so(pieces: list[str]) -> None:
    with pytest.raises((ValueError, IndexError)):
        MomentReader(pieces, NOW_MS, UTC).moment()


def test_only_what_has_passed_passes() -> None:
    assert passed(NOW_MS, NOW_MS, UTC).at_ms == NOW_MS
    with pytest.raises(MomentAhead):
        passed(NOW_MS + 1, NOW_MS, UTC)
