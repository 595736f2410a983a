import random

import pytest

from sakya_sync.access.notice import Notice, notices
from sakya_sync.errors import WireError
from sakya_sync.limits import UPDATE_BYTES_UNFRAGMENTED_MAX

from .people import digest

NOTICE = Notice((("structure", digest("a")[:8]), ("home", digest("b")[:8])))


def test_a_notice_comes_back_as_it_was() -> None:
    for notice in (NOTICE, Notice(())):
        assert Notice.decode(notice.encode()) == notice
        assert Notice.decode(notice.encode()).encode() == notice.encode()


def test_a_notice_is_laid_out_as_the_protocol_says() -> None:
    first, second = (item[1] for item in NOTICE.rooms)
    assert NOTICE.encode() == b"N\x01\x02\x09structure" + first + b"\x04home" + second


def test_rubbish_is_refused_with_our_own_error() -> None:
    dice = random.Random(5)
    source = NOTICE.encode()
    for length in range(len(source)):
        with pytest.raises(WireError):
            Notice.decode(source[:length])
    for trailing in (b"\0", source):
        with pytest.raises(WireError):
            Notice.decode(source + trailing)
    for _ in range(3000):
        damaged = bytearray(source)
        damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            assert Notice.decode(bytes(damaged)).encode() == damaged
        except WireError:
            continue


def test_a_name_is_text_and_not_too_long() -> None:
    for name in (b"\xff", b"x" * 129):
        length = bytes([len(name) & 0x7F | 0x80, 1]) if len(name) > 127 else bytes([len(name)])
        with pytest.raises(WireError):
            Notice.decode(b"N\x01\x01" + length + name + bytes(8))


def test_many_rooms_take_several_notices_that_need_no_fragments() -> None:
    rooms = [(f"{number:043}", digest(str(number))) for number in range(10_000)]
    sent = list(notices(rooms))
    assert len(sent) == 3
    assert all(len(notice.encode()) <= UPDATE_BYTES_UNFRAGMENTED_MAX for notice in sent)
    told = [entry for notice in sent for entry in notice.rooms]
    assert told == [(name, whole[:8]) for name, whole in rooms]
    assert list(notices([])) == []
