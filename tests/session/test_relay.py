import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.limits import BATCH_BYTES_MAX, FRAGMENT_TIMEOUT_SECONDS, FRAME_BYTES_MAX
from sakya_sync.session.relay import JoinAsked, Left, RelaySession
from sakya_sync.wire.codec import decode, encode
from sakya_sync.wire.messages import (
    Ack,
    AckStatus,
    DocUpdate,
    FragmentHeader,
    JoinError,
    JoinErrorCode,
    JoinRequest,
    Leave,
    Message,
    Permission,
)

from .talk import BATCH, KEY, NOW


def say(relay: RelaySession, message: Message) -> list[Message]:
    relay.receive(encode(message), NOW)
    return [decode(frame) for frame in relay.outgoing() if isinstance(frame, bytes)]


def member() -> RelaySession:
    relay = RelaySession(NOW)
    say(relay, JoinRequest(*KEY, b"", b""))
    relay.accept_join(*KEY, Permission.WRITE, b"\x00", b"")
    relay.outgoing()
    relay.events()
    return relay


@pytest.mark.parametrize(
    "message",
    [DocUpdate(*KEY, (b"x",), BATCH), FragmentHeader(*KEY, BATCH, 1, 5)],
    ids=["update", "fragments"],
)
def test_whoever_is_not_in_a_room_is_told_so_and_not_cut_off(message: Message) -> None:
    relay = RelaySession(NOW)
    assert say(relay, message) == [Ack(*KEY, BATCH, AckStatus.PERMISSION_DENIED)]
    assert relay.close_request() is None
    assert relay.events() == []


def test_a_hostile_fragment_header_is_answered_at_once() -> None:
    assert say(member(), FragmentHeader(*KEY, BATCH, 2**40, 2**50)) == [
        Ack(*KEY, BATCH, AckStatus.TOO_LARGE)
    ]
    assert say(member(), FragmentHeader(*KEY, BATCH, 7, BATCH_BYTES_MAX)) == [
        Ack(*KEY, BATCH, AckStatus.INVALID_UPDATE)
    ]


def test_a_batch_that_stays_incomplete_is_answered_in_time() -> None:
    relay = member()
    assert say(relay, FragmentHeader(*KEY, BATCH, 1, 5)) == []
    relay.tick(NOW + FRAGMENT_TIMEOUT_SECONDS)
    assert [decode(f) for f in relay.outgoing() if isinstance(f, bytes)] == [
        Ack(*KEY, BATCH, AckStatus.FRAGMENT_TIMEOUT)
    ]


def test_joining_twice_is_one_membership_and_leaving_ends_it() -> None:
    relay = member()
    say(relay, JoinRequest(*KEY, b"again", b""))
    assert relay.events() == [JoinAsked(*KEY, b"again", b"")]
    relay.accept_join(*KEY, Permission.WRITE, b"\x00", b"")
    say(relay, Leave(*KEY))
    assert relay.events() == [Left(*KEY)]
    assert not relay.joined(*KEY)
    assert say(relay, DocUpdate(*KEY, (b"x",), BATCH)) == [
        Ack(*KEY, BATCH, AckStatus.PERMISSION_DENIED)
    ]


def test_a_join_that_was_left_meanwhile_is_not_accepted() -> None:
    relay = RelaySession(NOW)
    say(relay, JoinRequest(*KEY, b"", b""))
    say(relay, Leave(*KEY))
    assert not relay.accept_join(*KEY, Permission.WRITE, b"\x00", b"")
    assert relay.outgoing() == []


def test_what_stock_clients_send_by_mistake_is_ignored() -> None:
    relay = member()
    assert say(relay, JoinError(*KEY, JoinErrorCode.APP, "half-joined")) == []
    assert say(relay, Ack(*KEY, BATCH, AckStatus.INVALID_UPDATE)) == []
    assert relay.close_request() is None


def test_malformed_frames_close_with_1002() -> None:
    relay = member()
    relay.receive(b"rubbish", NOW)
    request = relay.close_request()
    assert request is not None
    assert request[0] == 1002


@given(st.lists(st.one_of(st.binary(max_size=80), st.text(max_size=10)), max_size=8))
def test_rubbish_raises_nothing(frames: list[bytes | str]) -> None:
    relay = member()
    for frame in frames:
        relay.receive(frame, NOW)
    assert relay.joined(*KEY)


@given(st.lists(st.integers(0, 300_000), max_size=6))
def test_any_updates_fit_into_frames_in_order(sizes: list[int]) -> None:
    relay = member()
    frames = relay.frames(*KEY, [bytes(size) for size in sizes])
    assert all(len(frame) <= FRAME_BYTES_MAX for frame in frames)
    assert sum(len(frame) for frame in frames) >= sum(sizes)


def test_a_text_ping_is_answered_and_a_silent_client_is_given_up() -> None:
    relay = member()
    relay.receive("ping", NOW)
    assert relay.outgoing() == ["pong"]
    now = NOW
    for _ in range(6):
        now = max(now + 1, relay.deadline() or now)
        relay.tick(now)
    assert relay.close_request() == (1001, "no answer")
