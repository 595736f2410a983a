import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded
from sakya_sync.ids import BatchId, RoomId
from sakya_sync.limits import (
    BATCH_BYTES_MAX,
    FRAGMENT_BATCHES_OPEN_MAX,
    FRAGMENT_DATA_BYTES,
    FRAGMENT_TIMEOUT_SECONDS,
    FRAGMENTS_MAX,
    UPDATE_BYTES_UNFRAGMENTED_MAX,
)
from sakya_sync.wire.codec import decode, encode
from sakya_sync.wire.fragments import Assembler, fragment
from sakya_sync.wire.messages import AckStatus, DocUpdate, Fragment, FragmentHeader, Magic, Message

from .samples import BATCH, R

NOW = 100.0


def feed(assembler: Assembler, messages: list[Message]) -> list[DocUpdate | AckStatus]:
    answers: list[DocUpdate | AckStatus] = []
    for message in messages:
        answer: DocUpdate | AckStatus | None
        if isinstance(message, FragmentHeader):
            answer = assembler.header(message, NOW)
        else:
            assert isinstance(message, Fragment)
            answer = assembler.fragment(message, NOW)
        if answer is not None:
            answers.append(answer)
    return answers


@settings(max_examples=20, deadline=None)
@given(st.integers(UPDATE_BYTES_UNFRAGMENTED_MAX + 1, 3 * FRAGMENT_DATA_BYTES), st.randoms())
def test_an_update_in_fragments_comes_together_in_any_order(size: int, dice: random.Random) -> None:
    update = bytes(size % 251 for size in range(251)) * (size // 251 + 1)
    update = update[:size]
    header, *parts = fragment(Magic.ELO, R, BATCH, update)
    dice.shuffle(parts)
    for message in (header, *parts):
        assert decode(encode(message)) == message
    assembler = Assembler()
    assert feed(assembler, [header, *parts]) == [DocUpdate(Magic.ELO, R, (update,), BATCH)]
    assert len(assembler) == 0


def test_what_fits_a_frame_is_not_cut() -> None:
    for size in (0, 1, UPDATE_BYTES_UNFRAGMENTED_MAX):
        assert fragment(Magic.ELO, R, BATCH, bytes(size)) == [
            DocUpdate(Magic.ELO, R, (bytes(size),), BATCH)
        ]
    with pytest.raises(LimitExceeded):
        fragment(Magic.ELO, R, BATCH, bytes(BATCH_BYTES_MAX + 1))


@pytest.mark.parametrize(
    ("count", "total", "answer"),
    [
        (FRAGMENTS_MAX + 1, 1, AckStatus.TOO_LARGE),
        (1, BATCH_BYTES_MAX + 1, AckStatus.TOO_LARGE),
        (2**63, 2**63, AckStatus.TOO_LARGE),
        (0, 0, AckStatus.INVALID_UPDATE),
        (2, FRAGMENT_DATA_BYTES, AckStatus.INVALID_UPDATE),
        (1, FRAGMENT_DATA_BYTES + 1, AckStatus.INVALID_UPDATE),
    ],
)
def test_a_hostile_header_is_answered_before_a_byte_is_held(
    count: int, total: int, answer: AckStatus
) -> None:
    assembler = Assembler()
    assert assembler.header(FragmentHeader(Magic.ELO, R, BATCH, count, total), NOW) is answer
    assert len(assembler) == 0


def test_only_so_many_batches_are_open_at_once() -> None:
    assembler = Assembler()
    for number in range(FRAGMENT_BATCHES_OPEN_MAX):
        batch = BatchId(number.to_bytes(8, "big"))
        assert assembler.header(FragmentHeader(Magic.ELO, R, batch, 1, 9), NOW) is None
    last = FragmentHeader(Magic.ELO, R, BATCH, 1, 9)
    assert assembler.header(last, NOW) is AckStatus.RATE_LIMITED


@pytest.mark.parametrize(
    "part", [(0, b"12345678"), (1, b"1"), (0, b"1234567890")], ids=["short", "beyond", "long"]
)
def test_a_fragment_that_does_not_fit_ends_its_batch_once(part: tuple[int, bytes]) -> None:
    assembler = Assembler()
    assembler.header(FragmentHeader(Magic.ELO, R, BATCH, 1, 9), NOW)
    wrong = Fragment(Magic.ELO, R, BATCH, *part)
    assert assembler.fragment(wrong, NOW) is AckStatus.INVALID_UPDATE
    assert assembler.fragment(wrong, NOW) is None


def test_a_fragment_twice_does_not_complete_a_batch() -> None:
    header, first, _ = fragment(Magic.ELO, R, BATCH, bytes(FRAGMENT_DATA_BYTES + 1))
    assert feed(Assembler(), [header, first, first]) == [AckStatus.INVALID_UPDATE]


def test_a_batch_that_stays_incomplete_is_dropped_in_time() -> None:
    assembler = Assembler()
    assembler.header(FragmentHeader(Magic.ELO, R, BATCH, 1, 9), NOW)
    assert assembler.deadline() == NOW + FRAGMENT_TIMEOUT_SECONDS
    assert assembler.expire(NOW + FRAGMENT_TIMEOUT_SECONDS - 0.1) == []
    assert assembler.expire(NOW + FRAGMENT_TIMEOUT_SECONDS) == [(Magic.ELO, R, BATCH)]
    assert assembler.deadline() is None


def test_leaving_a_room_drops_what_is_open_in_it() -> None:
    assembler = Assembler()
    assembler.header(FragmentHeader(Magic.ELO, R, BATCH, 1, 9), NOW)
    assembler.forget(Magic.ELO, R)
    assert len(assembler) == 0


def test_limits_are_decided_at_the_header_and_what_just_fits_is_let_in() -> None:
    count = -(-BATCH_BYTES_MAX // FRAGMENT_DATA_BYTES)
    header = FragmentHeader(Magic.ELO, R, BATCH, count, BATCH_BYTES_MAX)
    assert Assembler().header(header, NOW) is None
    over = FragmentHeader(Magic.ELO, R, BATCH, count, BATCH_BYTES_MAX + 1)
    assert Assembler().header(over, NOW) is AckStatus.TOO_LARGE
    # As many as there may be is still more than any update may need.
    many = FragmentHeader(Magic.ELO, R, BATCH, FRAGMENTS_MAX, BATCH_BYTES_MAX)
    assert Assembler().header(many, NOW) is AckStatus.INVALID_UPDATE
    too_many = FragmentHeader(Magic.ELO, R, BATCH, FRAGMENTS_MAX + 1, BATCH_BYTES_MAX)
    assert Assembler().header(too_many, NOW) is AckStatus.TOO_LARGE


@given(st.integers(1, BATCH_BYTES_MAX), st.integers(0, FRAGMENTS_MAX))
def test_a_header_is_let_in_only_with_the_count_its_total_needs(total: int, count: int) -> None:
    needed = -(-total // FRAGMENT_DATA_BYTES)
    right = FragmentHeader(Magic.ELO, R, BATCH, needed, total)
    assert Assembler().header(right, NOW) is None
    if count != needed:
        wrong = FragmentHeader(Magic.ELO, R, BATCH, count, total)
        assert Assembler().header(wrong, NOW) is AckStatus.INVALID_UPDATE


@pytest.mark.parametrize("size", [1, FRAGMENT_DATA_BYTES - 1, FRAGMENT_DATA_BYTES])
def test_the_last_fragment_carries_what_is_left(size: int) -> None:
    update = bytes(FRAGMENT_DATA_BYTES) + b"x" * size
    header, first, last = fragment(Magic.ELO, R, BATCH, update)
    assert header == FragmentHeader(Magic.ELO, R, BATCH, 2, len(update))
    assert first == Fragment(Magic.ELO, R, BATCH, 0, bytes(FRAGMENT_DATA_BYTES))
    assert last == Fragment(Magic.ELO, R, BATCH, 1, b"x" * size)


def test_fragments_nobody_announced_are_ignored() -> None:
    assembler = Assembler()
    assert assembler.fragment(Fragment(Magic.ELO, R, BATCH, 0, b"x"), NOW) is None
    assembler.header(FragmentHeader(Magic.ELO, R, BATCH, 2, BATCH_BYTES_MAX), NOW)
    assert assembler.fragment(Fragment(Magic.ELO, R, BATCH, 0, b"x"), NOW) is None
    assert len(assembler) == 0


def test_the_same_batch_id_in_another_room_is_another_batch() -> None:
    assembler = Assembler()
    rooms = [(Magic.ELO, R), (Magic.SKA, R), (Magic.ELO, RoomId("s"))]
    for magic, room in rooms:
        assert assembler.header(FragmentHeader(magic, room, BATCH, 1, 1), NOW) is None
    for number, (magic, room) in enumerate(rooms):
        data = bytes([number])
        whole = assembler.fragment(Fragment(magic, room, BATCH, 0, data), NOW)
        assert whole == DocUpdate(magic, room, (data,), BATCH)


@pytest.mark.parametrize(
    ("count", "total"), [(1, 9), (1, BATCH_BYTES_MAX + 1), (FRAGMENTS_MAX + 1, 9), (7, 9), (0, 0)]
)
def test_a_batch_announced_twice_is_answered_once(count: int, total: int) -> None:
    assembler = Assembler()
    assembler.header(FragmentHeader(Magic.ELO, R, BATCH, 1, 9), NOW)
    again = FragmentHeader(Magic.ELO, R, BATCH, count, total)
    assert assembler.header(again, NOW) is AckStatus.INVALID_UPDATE
    assert assembler.fragment(Fragment(Magic.ELO, R, BATCH, 0, bytes(9)), NOW) is None


def test_a_fragment_that_comes_too_late_is_answered_so_once() -> None:
    assembler = Assembler()
    assembler.header(FragmentHeader(Magic.ELO, R, BATCH, 1, 9), NOW)
    late = NOW + FRAGMENT_TIMEOUT_SECONDS
    part = Fragment(Magic.ELO, R, BATCH, 0, bytes(9))
    assert assembler.fragment(part, late) is AckStatus.FRAGMENT_TIMEOUT
    assert assembler.fragment(part, late) is None
    assert assembler.expire(late) == []


def test_a_place_is_free_again_once_a_batch_is_whole() -> None:
    assembler = Assembler()
    for number in range(FRAGMENT_BATCHES_OPEN_MAX):
        assembler.header(FragmentHeader(Magic.ELO, R, BatchId(bytes([number] * 8)), 1, 1), NOW)
    whole = assembler.fragment(Fragment(Magic.ELO, R, BatchId(bytes(8)), 0, b"x"), NOW)
    assert isinstance(whole, DocUpdate)
    assert assembler.header(FragmentHeader(Magic.ELO, R, BATCH, 1, 9), NOW) is None


@given(
    st.lists(
        st.one_of(
            st.builds(
                lambda batch, count, total: FragmentHeader(
                    Magic.ELO, R, BatchId(bytes([batch] * 8)), count, total
                ),
                st.integers(0, 12),
                st.integers(0, 3),
                st.integers(0, 4),
            ),
            st.builds(
                lambda batch, index, data: Fragment(
                    Magic.ELO, R, BatchId(bytes([batch] * 8)), index, data
                ),
                st.integers(0, 12),
                st.integers(0, 2**64 - 1),
                st.binary(max_size=4),
            ),
        ),
        max_size=40,
    )
)
def test_whatever_is_sent_only_so_many_batches_are_held(messages: list[Message]) -> None:
    assembler = Assembler()
    for message in messages:
        feed(assembler, [message])
        assert len(assembler) <= FRAGMENT_BATCHES_OPEN_MAX
    opened = len(assembler)
    assert len(assembler.expire(NOW + FRAGMENT_TIMEOUT_SECONDS)) == opened
    assert len(assembler) == 0
