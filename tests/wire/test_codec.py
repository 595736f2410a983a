import contextlib
import json
import random
from dataclasses import replace

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

from .samples import BATCH, GOLDEN, VECTORS, R, golden_frames, messages

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


def test_every_golden_frame_has_its_type_and_a_reason_of_one_line() -> None:
    entries = json.loads(VECTORS.read_text("utf-8"))
    assert [entry["type"] for entry in entries] == [type(message).__name__ for message in GOLDEN]
    assert all(entry["why"] and "\n" not in entry["why"] for entry in entries)
    assert {frame[6] for frame in golden_frames()} == set(range(9))


@pytest.mark.parametrize("magic", Magic)
@pytest.mark.parametrize("message", GOLDEN, ids=lambda message: type(message).__name__)
def test_every_message_travels_under_every_magic(message: Message, magic: Magic) -> None:
    under = replace(message, magic=magic)
    frame = encode(under)
    assert frame.startswith(magic.value)
    assert decode(frame) == under


@given(messages, st.data())
def test_a_frame_with_changed_bytes_is_refused_or_means_what_it_says(
    message: Message, data: st.DataObject
) -> None:
    changed = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(changed) - 1))
        changed[position] = data.draw(st.integers(0, 255))
    try:
        meant = decode(bytes(changed))
    except WireError:
        return
    assert decode(encode(meant)) == meant


@given(st.sampled_from(Magic), st.integers(0, 8), st.binary(max_size=120))
def test_rubbish_behind_a_good_start_gives_our_error_only(
    magic: Magic, kind: int, rubbish: bytes
) -> None:
    with contextlib.suppress(WireError):
        decode(magic.value + b"\x01r" + bytes([kind]) + rubbish)


@given(messages)
def test_a_frame_with_a_tail_is_refused_for_every_type(message: Message) -> None:
    frame = encode(message)
    with pytest.raises(WireError):
        decode(frame + b"\x00")


@pytest.mark.parametrize("magic", [b"", b"%", b"%EL", b"%ELX", b"%elo", b"ping"])
def test_a_magic_that_nobody_knows_is_refused(magic: bytes) -> None:
    with pytest.raises(WireError):
        decode(magic + b"\x01r\x07")


@pytest.mark.parametrize("kind", range(9, 256))
def test_a_type_that_nobody_knows_is_refused(kind: int) -> None:
    with pytest.raises(WireError):
        decode(b"%ELO\x01r" + bytes([kind]))


@pytest.mark.parametrize("word", [b"", b"Read", b"writes", b"admin"])
def test_a_permission_other_than_read_and_write_is_refused(word: bytes) -> None:
    with pytest.raises(WireError):
        decode(b"%ELO\x01r\x01" + bytes([len(word)]) + word + b"\x00\x00")


def test_a_number_longer_than_it_needs_to_be_is_refused() -> None:
    for frame in (b"%ELO\x81\x00r\x07", b"%ELO\x01r\x05" + BATCH + b"\x81\x00\x01x"):
        with pytest.raises(WireError):
            decode(frame)


def test_more_updates_than_the_frame_has_bytes_for_are_refused() -> None:
    with pytest.raises(WireError):
        decode(b"%ELO\x01r\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + BATCH)
    assert decode(b"%ELO\x01r\x03\x02\x00\x00" + BATCH) == DocUpdate(
        Magic.ELO, R, (b"", b""), BATCH
    )


def test_an_error_whose_empty_tail_was_left_out_is_understood() -> None:
    version = JoinError(Magic.LOR, R, JoinErrorCode.VERSION_UNKNOWN, "m")
    assert decode(b"%LOR\x01r\x02\x01\x01m") == version
    assert decode(b"%LOR\x01r\x02\x7f\x01m") == JoinError(Magic.LOR, R, JoinErrorCode.APP, "m")
    assert decode(b"%LOR\x01r\x06\x7f\x01m") == RoomError(Magic.LOR, R, RoomErrorCode.APP, "m")


def test_an_error_message_that_is_not_utf8_is_refused() -> None:
    for kind in (b"\x02\x00", b"\x06\x01"):
        with pytest.raises(WireError):
            decode(b"%LOR\x01r" + kind + b"\x01\xff")
