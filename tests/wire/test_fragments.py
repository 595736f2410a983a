import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakya_sync.errors import LimitExceeded
from sakya_sync.ids import BatchId
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
def test_an_update_in_fragments_comes_together_in_any_order(size: int, dice: object) -> None:
    update = bytes(size % 251 for size in range(251)) * (size // 251 + 1)
    update = update[:size]
    header, *parts = fragment(Magic.ELO, R, BATCH, update)
    dice.shuffle(parts)  # type: ignore[attr-defined]
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
