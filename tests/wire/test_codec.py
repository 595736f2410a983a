import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded, WireError
from sakya_sync.ids import RoomId
from sakya_sync.limits import FRAME_BYTES_MAX, ROOM_BYTES_MAX
from sakya_sync.wire.codec import decode, encode
from sakya_sync.wire.messages import (
    Ack,
    AckStatus,
    DocUpdate,
    JoinError,
    JoinErrorCode,
    Leave,
    Magic,
    Message,
    RoomError,
    RoomErrorCode,
)

from .samples import BATCH, GOLDEN, R, golden_frames, messages

PAIRS = list(zip(GOLDEN, golden_frames(), strict=True))


@pytest.mark.parametrize(("message", "frame"), PAIRS, ids=[type(m).__name__ for m, _ in PAIRS])
def test_the_golden_frames_are_spoken_and_understood(message: Message, frame: bytes) -> None:
    assert encode(message) == frame
    assert decode(frame) == message


@given(messages)
def test_every_message_survives_its_frame(message: Message) -> None:
    assert decode(encode(message)) == message


@given(st.binary(max_size=300))
def test_rubbish_gives_our_error_only(frame: bytes) -> None:
    with contextlib.suppress(WireError):
        decode(frame)


def test_no_flipped_or_missing_byte_gives_another_error() -> None:
    dice = random.Random(1)
    for frame in golden_frames():
        for _ in range(500):
            changed = bytearray(frame)
            for _ in range(dice.randint(1, 3)):
                changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
            with contextlib.suppress(WireError):
                decode(bytes(changed[: dice.randint(0, len(changed))]))


@pytest.mark.parametrize("frame", golden_frames())
def test_a_truncated_frame_or_one_with_a_tail_is_refused(frame: bytes) -> None:
    with pytest.raises(WireError):
        decode(frame + b"\x00")
    # Stock ends leave the empty tail of a JoinError out.
    without_tail = len(frame) - 2 if frame[6] == 2 else len(frame)
    for size in set(range(len(frame))) - {without_tail}:
        with pytest.raises(WireError):
            decode(frame[:size])


def test_frames_and_rooms_are_bounded() -> None:
    longest = RoomId("r" * ROOM_BYTES_MAX)
    assert decode(encode(Leave(Magic.ELO, longest))).room == longest
    with pytest.raises(LimitExceeded):
        encode(Leave(Magic.ELO, RoomId("é" * 65)))
    with pytest.raises(WireError):
        decode(b"%ELO" + b"\x81\x01" + b"r" * 129 + b"\x07")
    overhead = len(encode(DocUpdate(Magic.ELO, R, (b"x" * 200_000,), BATCH))) - 200_000
    whole = encode(DocUpdate(Magic.ELO, R, (b"x" * (FRAME_BYTES_MAX - overhead),), BATCH))
    assert len(whole) == FRAME_BYTES_MAX
    assert isinstance(decode(whole), DocUpdate)
    with pytest.raises(LimitExceeded):
        encode(DocUpdate(Magic.ELO, R, (b"x" * (FRAME_BYTES_MAX - overhead + 1),), BATCH))
    with pytest.raises(WireError):
        decode(whole + b"x")


def test_a_room_that_is_not_utf8_is_refused_and_never_replaced() -> None:
    with pytest.raises(WireError):
        decode(b"%ELO\x01\xff\x07")


def test_codes_that_nobody_knows_have_a_meaning() -> None:
    assert decode(b"%LOR\x01r\x02\x55\x00") == JoinError(Magic.LOR, R, JoinErrorCode.UNKNOWN)
    assert decode(b"%LOR\x01r\x06\x55\x00") == RoomError(Magic.LOR, R, RoomErrorCode.APP)
    unknown = decode(b"%LOR\x01r\x08" + BATCH + b"\x55")
    assert unknown == Ack(Magic.LOR, R, BATCH, AckStatus.UNKNOWN)
