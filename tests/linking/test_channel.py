import pytest

from access.people import digest
from sakya_sync.errors import LinkingError
from sakya_sync.limits import LINK_MESSAGE_BYTES_MAX
from sakya_sync.linking.channel import Channel, Frame, FrameType, open_, seal


def ends() -> tuple[Channel, Channel]:
    one, two, transcript = digest("one"), digest("two"), digest("said")
    return Channel(transcript, one, two), Channel(transcript, two, one)


def test_frames_come_in_order_both_ways() -> None:
    here, there = ends()
    for number in range(3):
        body = bytes((number,))
        assert there.open(here.seal(FrameType.HELLO, body)) == Frame(FrameType.HELLO, body)
        assert here.open(there.seal(FrameType.DONE, body)) == Frame(FrameType.DONE, body)


def test_a_frame_opens_once() -> None:
    here, there = ends()
    frame = here.seal(FrameType.CHECKED)
    there.open(frame)
    with pytest.raises(LinkingError):
        there.open(frame)


def test_a_frame_opens_in_its_turn_only() -> None:
    here, there = ends()
    first, second = here.seal(FrameType.CHECKED), here.seal(FrameType.HELLO)
    with pytest.raises(LinkingError):
        there.open(second)
    assert there.open(first).type is FrameType.CHECKED
    assert there.open(second).type is FrameType.HELLO


def test_a_frame_sent_back_does_not_open() -> None:
    here, there = ends()
    frame = here.seal(FrameType.CHECKED)
    there.seal(FrameType.CHECKED)
    with pytest.raises(LinkingError):
        here.open(frame)


def test_a_frame_of_another_conversation_does_not_open() -> None:
    here, there = ends()
    there.transcript = digest("said elsewhere")
    with pytest.raises(LinkingError):
        there.open(here.seal(FrameType.CHECKED))


@pytest.mark.parametrize("text", [b"", b"\x00", b"\x07", b"\xff body"])
def test_a_type_that_nobody_knows_is_refused(text: bytes) -> None:
    here, there = ends()
    frame = seal(here.send_key, 1, here.transcript, text)
    with pytest.raises(LinkingError):
        there.open(frame)


@pytest.mark.parametrize("message", [b"", b"short", bytes(LINK_MESSAGE_BYTES_MAX + 1)])
def test_rubbish_does_not_open(message: bytes) -> None:
    with pytest.raises(LinkingError):
        open_(digest("key"), 1, b"", message)


def test_a_wiped_channel_opens_nothing() -> None:
    here, there = ends()
    frame = here.seal(FrameType.CHECKED)
    there.wipe()
    assert there.send_key == there.receive_key == b""
    with pytest.raises(LinkingError):
        there.open(frame)
