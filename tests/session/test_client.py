import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.limits import (
    ACK_TIMEOUT_SECONDS,
    BACKOFF_SECONDS_MAX,
    BACKOFF_SECONDS_MIN,
    JOIN_TIMEOUT_SECONDS,
    UPDATE_BYTES_UNFRAGMENTED_MAX,
)
from sakya_sync.session.client import ClientSession
from sakya_sync.session.client_events import (
    Acked,
    Barred,
    CloseNow,
    Connect,
    Evicted,
    Joined,
    JoinRefused,
    RejoinSuggested,
    Updates,
)
from sakya_sync.session.relay import BatchReceived
from sakya_sync.session.tables import LinkState, RoomState
from sakya_sync.wire.messages import AckStatus, JoinErrorCode, Permission

from .talk import BATCH, KEY, NOW, exchange, joined, opened, refused


def test_a_room_is_joined_and_then_live() -> None:
    client, _ = joined()
    assert client.events() == [Joined(*KEY, Permission.WRITE, b"\x00", b"extra")]
    assert client.room_state(*KEY) is RoomState.LIVE


def test_read_only_and_refused_are_no_faults() -> None:
    client, _ = joined(Permission.READ)
    assert client.room_state(*KEY) is RoomState.READ_ONLY
    client.update(*KEY, (b"x",), BATCH, NOW)
    assert client.outgoing() == []
    out = refused(JoinErrorCode.AUTH_FAILED)
    assert out.room_state(*KEY) is RoomState.REFUSED
    assert isinstance(out.events()[-1], JoinRefused)
    assert out.state is LinkState.OPEN


@pytest.mark.parametrize("size", [1, UPDATE_BYTES_UNFRAGMENTED_MAX + 1, 1_000_000])
def test_a_batch_of_any_size_arrives_whole_and_its_ack_comes_back(size: int) -> None:
    client, relay = joined()
    client.events()
    client.update(*KEY, (bytes(size),), BATCH, NOW)
    exchange(client, relay)
    assert relay.events() == [BatchReceived(*KEY, (bytes(size),), BATCH)]
    relay.ack(*KEY, BATCH, AckStatus.OK)
    relay.ack(*KEY, BATCH, AckStatus.OK)
    exchange(client, relay)
    assert client.events() == [Acked(*KEY, BATCH, AckStatus.OK)]


@pytest.mark.parametrize("size", [3, 700_000])
def test_updates_of_any_size_come_down(size: int) -> None:
    client, relay = joined()
    client.events()
    relay.send_updates(*KEY, [bytes(size), b"two"])
    exchange(client, relay)
    got = [update for event in client.events() if isinstance(event, Updates)
           for update in event.updates]  # fmt: skip
    assert got == [bytes(size), b"two"]


def test_a_lost_connection_is_tried_again_with_growing_waits() -> None:
    client, _ = joined()
    client.events()
    now, waits = NOW, []
    for _ in range(12):
        wait = client.lost(now, 1006, "gone")
        waits.append(wait)
        assert client.room_state(*KEY) is RoomState.ABSENT
        client.tick(now + wait - 0.001)
        assert Connect() not in client.events()
        now += wait
        client.tick(now)
        assert client.events() == [Connect()]
    assert waits[0] <= 2 * BACKOFF_SECONDS_MIN
    assert max(waits) <= BACKOFF_SECONDS_MAX


@pytest.mark.parametrize("code", [1008, 4400, 4499])
def test_a_relay_that_wants_no_more_of_us_is_left_alone(code: int) -> None:
    client, _ = joined()
    client.events()
    client.lost(NOW, code, "go")
    client.tick(NOW + 10_000)
    assert client.events() == [Barred(code, "go")]
    assert client.state is LinkState.BARRED


def test_a_relay_that_never_answers_is_hung_up_on() -> None:
    client = opened()
    client.join(*KEY, b"", b"", NOW)
    client.tick(NOW + JOIN_TIMEOUT_SECONDS + 0.1)
    assert [type(event) for event in client.events()] == [CloseNow]
    client, relay = joined()
    client.events()
    client.update(*KEY, (b"x",), BATCH, NOW)
    for second in range(0, int(ACK_TIMEOUT_SECONDS) + 1, 5):
        relay.ack(*KEY, type(BATCH)(b"another!"), AckStatus.OK)
        exchange(client, relay, NOW + second)
        client.tick(NOW + second)
    assert CloseNow in [type(event) for event in client.events()]


@pytest.mark.parametrize("how", ["left", "put out"])
def test_in_a_room_that_we_are_out_of_no_answer_is_waited_for(how: str) -> None:
    client, relay = joined()
    client.update(*KEY, (b"x",), BATCH, NOW)
    client.outgoing()
    if how == "left":
        client.leave(*KEY)
    else:
        relay.evict(*KEY, "removed")
    exchange(client, relay)
    client.events()
    for second in range(0, 2 * int(ACK_TIMEOUT_SECONDS), 5):
        client.receive("pong", NOW + second)
        client.tick(NOW + second)
    assert client.events() == []
    assert client.state is LinkState.OPEN


def test_being_put_out_and_asked_back_in_are_told_apart() -> None:
    client, relay = joined()
    client.events()
    relay.suggest_rejoin(*KEY)
    relay.evict(*KEY, "removed")
    exchange(client, relay)
    assert [type(event) for event in client.events()] == [RejoinSuggested, Evicted]
    assert client.room_state(*KEY) is RoomState.GONE


@given(st.lists(st.one_of(st.binary(max_size=80), st.text(max_size=10)), max_size=8))
def test_rubbish_raises_nothing(frames: list[bytes | str]) -> None:
    client, _ = joined()
    for frame in frames:
        client.receive(frame, NOW)
    assert client.room_state(*KEY) is RoomState.LIVE


def test_nothing_is_sent_without_a_connection() -> None:
    client = ClientSession(dice=lambda: 0.5)
    client.join(*KEY, b"", b"", NOW)
    client.update(*KEY, (b"x",), BATCH, NOW)
    client.receive(b"early", NOW)
    assert client.outgoing() == []
    assert client.deadline() is None


def test_a_client_comes_back_when_the_relay_that_closed_told_it_to() -> None:
    client = opened()
    assert client.lost(NOW, 1012, "the relay stops; retry_ms=2500") == 2.5
    client.events()
    client.tick(NOW + 2.4)
    assert client.events() == []
    client.tick(NOW + 2.5)
    assert client.events() == [Connect()]
