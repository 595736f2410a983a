"""Two lanes, one claim, and how often who may try."""

from contextlib import suppress
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.people import digest, signing_key, subject
from sakya_sync.errors import WireError
from sakya_sync.ids import DeviceId, RoomId
from sakya_sync.limits import (
    LINK_MESSAGE_BYTES_MAX,
    LINK_MESSAGES_MAX,
    MAILBOX_SECONDS,
    MAILBOXES_MAX,
    MAILBOXES_PER_ADDRESS_MAX,
    NAMEPLATE_MAX,
    PROMISE_SECONDS,
    RENDEZVOUS_PER_MINUTE_MAX,
)
from sakya_sync.session.rooms.mailbox import (
    CERTIFICATES_MAX,
    Close,
    Entered,
    Mailboxes,
    Promise,
    Refusal,
    Register,
    Side,
    Write,
    decode_message,
    decode_version,
    decode_wish,
    encode_message,
    encode_promise,
    encode_register,
    encode_version,
    mailbox_room,
    parse_mailbox,
    plate_room,
    promise_digest,
)
from sakya_sync.wire.messages import AckStatus

LAPTOP, TABLET, THIRD = (DeviceId(signing_key(name).public) for name in ("l", "t", "x"))
ACCOUNT = subject("anna")
MEETING, TOKEN = digest("meeting")[:16], digest("token")
NOW = 50.0


class Boxes:
    """Mailboxes, and attempts from as many addresses as it takes."""

    def __init__(self) -> None:
        self.boxes = Mailboxes()
        self._addresses = count()

    def enter(
        self,
        side: Side,
        device: DeviceId,
        held: int = 0,
        *,
        meeting: bytes = MEETING,
        address: str | None = None,
        now: float = NOW,
    ) -> Entered | Refusal:
        where = f"address {next(self._addresses)}" if address is None else address
        return self.boxes.enter(
            meeting, device, encode_version(side, held), where, now, lambda _: 6
        )

    def both(self) -> None:
        for side, device in ((Side.OPEN, LAPTOP), (Side.CLAIM, TABLET)):
            assert isinstance(self.enter(side, device), Entered)


@given(st.binary(min_size=16, max_size=16))
def test_a_mailbox_has_one_name(meeting: bytes) -> None:
    assert parse_mailbox(mailbox_room(meeting)) == meeting


@pytest.mark.parametrize("nameplate", [1, 7, 42, NAMEPLATE_MAX])
def test_a_nameplate_has_one_name(nameplate: int) -> None:
    assert parse_mailbox(plate_room(nameplate)) == nameplate


@pytest.mark.parametrize(
    "room",
    ["", "plate-", "plate-07", "plate-x", "plate-٧", "plate-123456", "plate--1", "A" * 21, "A" * 23,
     "A" * 21 + "B", "é" * 22, "A" * 43 + "/access"],
)  # fmt: skip
def test_other_names_are_none(room: str) -> None:
    assert parse_mailbox(RoomId(room)) is None


@given(st.sampled_from(Side), st.integers(0, LINK_MESSAGES_MAX))
def test_a_version_comes_back(side: Side, held: int) -> None:
    assert decode_version(encode_version(side, held)) == (side, held)


@pytest.mark.parametrize("version", [b"", b"\0", b"\3\0", b"\0\0\0", b"\0\x7f", b"\0\x80\0"])
def test_other_versions_are_refused(version: bytes) -> None:
    with pytest.raises(WireError):
        decode_version(version)
    refused = Mailboxes().enter(MEETING, LAPTOP, version, "here", NOW, lambda _: 0)
    assert refused is Refusal.INVALID


@given(st.binary(max_size=200))
def test_whatever_a_device_wants_is_understood_or_refused(update: bytes) -> None:
    with suppress(WireError):
        assert isinstance(decode_wish(update), Write | Promise | Register | Close)


def test_wishes_come_back() -> None:
    proof = promise_digest(TOKEN, ACCOUNT, TABLET)
    assert decode_wish(encode_message(3, b"body")) == Write(3, b"body")
    assert decode_message(encode_message(3, b"body")) == (3, b"body")
    assert decode_wish(encode_promise(ACCOUNT, proof)) == Promise(ACCOUNT, proof)
    register = Register(ACCOUNT, TOKEN, (b"one", b"two"))
    assert decode_wish(encode_register(ACCOUNT, TOKEN, (b"one", b"two"))) == register
    assert decode_wish(b"\3") == Close()


@pytest.mark.parametrize(
    "update",
    [encode_message(0, b""), encode_message(0, bytes(LINK_MESSAGE_BYTES_MAX + 1)), b"\3\0", b"\4",
     encode_message(LINK_MESSAGES_MAX, b"x"), encode_promise(ACCOUNT, bytes(33)),
     encode_register(ACCOUNT, TOKEN, ()), encode_register(ACCOUNT, TOKEN, [b"c"] * 9)],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused(update: bytes) -> None:
    assert CERTIFICATES_MAX == 8
    with pytest.raises(WireError):
        decode_wish(update)


def test_no_token_is_in_a_repr() -> None:
    assert repr(TOKEN) not in repr(Register(ACCOUNT, TOKEN, ()))


# One claim.


def test_one_device_opens_and_one_claims() -> None:
    boxes = Boxes()
    assert boxes.enter(Side.CLAIM, TABLET) is Refusal.UNKNOWN
    boxes.both()
    assert boxes.enter(Side.CLAIM, THIRD) is Refusal.TAKEN
    assert boxes.enter(Side.OPEN, THIRD) is Refusal.TAKEN


def test_who_is_in_comes_back_to_the_same_side_however_often() -> None:
    boxes = Boxes()
    boxes.both()
    for _ in range(3 * RENDEZVOUS_PER_MINUTE_MAX):
        back = boxes.enter(Side.CLAIM, LAPTOP, address="here")
        assert isinstance(back, Entered)
        assert back.side is Side.OPEN
        again = boxes.enter(Side.OPEN, TABLET, address="here")
        assert isinstance(again, Entered)
        assert again.side is Side.CLAIM


def test_each_reads_what_the_other_wrote_and_lacks() -> None:
    boxes = Boxes()
    boxes.both()
    box = boxes.boxes.get(MEETING)
    assert box is not None
    for number in range(3):
        assert box.write(Side.OPEN, Write(number, b"m%d" % number)) is AckStatus.OK
    back = boxes.enter(Side.CLAIM, TABLET, 1)
    assert isinstance(back, Entered)
    assert [decode_message(update) for update in back.owed] == [(1, b"m1"), (2, b"m2")]
    assert back.written == 0
    mine = boxes.enter(Side.OPEN, LAPTOP)
    assert isinstance(mine, Entered)
    assert (mine.written, mine.owed) == (3, [])


def test_a_message_is_written_once_and_in_its_turn() -> None:
    boxes = Boxes()
    boxes.both()
    box = boxes.boxes.get(MEETING)
    assert box is not None
    assert box.write(Side.OPEN, Write(1, b"x")) is AckStatus.INVALID_UPDATE
    assert box.write(Side.OPEN, Write(0, b"x")) is AckStatus.OK
    assert box.write(Side.OPEN, Write(0, b"x")) is AckStatus.OK
    assert box.write(Side.OPEN, Write(0, b"y")) is AckStatus.INVALID_UPDATE
    assert box.written(Side.OPEN) == 1
    assert box.written(Side.CLAIM) == 0
    for number in range(1, LINK_MESSAGES_MAX):
        assert box.write(Side.OPEN, Write(number, b"x")) is AckStatus.OK
    assert box.write(Side.OPEN, Write(LINK_MESSAGES_MAX, b"x")) is AckStatus.RATE_LIMITED


# Nameplates.


def test_a_nameplate_leads_to_its_mailbox_until_somebody_claims_it() -> None:
    boxes = Boxes()
    opened = boxes.enter(Side.OPEN_NUMBERED, LAPTOP)
    assert isinstance(opened, Entered)
    assert opened.nameplate == 7
    assert boxes.boxes.look_up(7, "there", NOW) == MEETING
    assert boxes.boxes.look_up(8, "there", NOW) is Refusal.UNKNOWN
    boxes.enter(Side.CLAIM, TABLET)
    assert boxes.boxes.look_up(7, "there", NOW) is Refusal.UNKNOWN


def test_nameplates_are_short_and_differ() -> None:
    boxes = Boxes()
    plates = []
    for number in range(60):
        opened = boxes.enter(Side.OPEN_NUMBERED, LAPTOP, meeting=digest(f"{number}")[:16])
        assert isinstance(opened, Entered)
        assert opened.nameplate is not None
        plates.append(opened.nameplate)
    assert len(set(plates)) == 60
    assert max(plates[:4]) < 10
    assert max(plates) < 1_000
    assert min(plates) > 0


def test_a_nameplate_is_free_again_when_its_mailbox_is_gone() -> None:
    boxes = Boxes()
    boxes.enter(Side.OPEN_NUMBERED, LAPTOP)
    boxes.boxes.close(MEETING)
    assert boxes.boxes.look_up(7, "there", NOW) is Refusal.UNKNOWN
    again = boxes.enter(Side.OPEN_NUMBERED, LAPTOP, meeting=digest("other")[:16])
    assert isinstance(again, Entered)
    assert again.nameplate == 7


# Time and numbers.


def test_a_mailbox_lasts_minutes_and_longer_once_it_is_claimed() -> None:
    boxes = Boxes()
    boxes.enter(Side.OPEN, LAPTOP)
    assert boxes.boxes.expire(NOW + MAILBOX_SECONDS - 1) == []
    boxes.enter(Side.CLAIM, TABLET, now=NOW + 100)
    assert boxes.boxes.expire(NOW + MAILBOX_SECONDS) == []
    assert boxes.boxes.expire(NOW + 100 + MAILBOX_SECONDS) == [MEETING]
    assert boxes.boxes.get(MEETING) is None
    assert len(boxes.boxes) == 0
    boxes.boxes.close(MEETING)


def test_an_address_may_try_so_often_in_a_minute() -> None:
    boxes = Boxes()
    for _ in range(RENDEZVOUS_PER_MINUTE_MAX):
        assert boxes.boxes.look_up(9, "here", NOW) is Refusal.UNKNOWN
    assert boxes.boxes.look_up(9, "here", NOW + 59) is Refusal.RATE_LIMITED
    assert boxes.enter(Side.OPEN, LAPTOP, address="here") is Refusal.RATE_LIMITED
    assert boxes.enter(Side.CLAIM, LAPTOP, address="here") is Refusal.RATE_LIMITED
    assert boxes.boxes.look_up(9, "there", NOW + 59) is Refusal.UNKNOWN
    assert boxes.boxes.look_up(9, "here", NOW + 60) is Refusal.UNKNOWN


def test_attempts_are_forgotten_with_their_minute() -> None:
    boxes = Boxes()
    boxes.boxes.look_up(9, "here", NOW)
    boxes.boxes.expire(NOW + 61)
    assert not boxes.boxes._tries


def test_there_are_only_so_many_mailboxes() -> None:
    boxes = Boxes()
    for number in range(MAILBOXES_MAX):
        opened = boxes.enter(Side.OPEN, LAPTOP, meeting=digest(f"{number}")[:16])
        assert isinstance(opened, Entered)
    assert boxes.enter(Side.OPEN, LAPTOP) is Refusal.RATE_LIMITED
    # Old ones make room.
    assert isinstance(boxes.enter(Side.OPEN, LAPTOP, now=NOW + MAILBOX_SECONDS), Entered)


def test_an_address_has_only_so_many_mailboxes() -> None:
    boxes = Boxes()
    for number in range(MAILBOXES_PER_ADDRESS_MAX):
        now = NOW + number * 10
        meeting = digest(f"{number}")[:16]
        opened = boxes.enter(Side.OPEN, LAPTOP, meeting=meeting, address="here", now=now)
        assert isinstance(opened, Entered)
    assert boxes.enter(Side.OPEN, LAPTOP, address="here", now=NOW + 290) is Refusal.RATE_LIMITED
    assert isinstance(boxes.enter(Side.OPEN, LAPTOP, address="there", now=NOW + 290), Entered)


# Promises.


def promised(now: float = NOW) -> Boxes:
    boxes = Boxes()
    boxes.both()
    box = boxes.boxes.get(MEETING)
    assert box is not None
    proof = promise_digest(TOKEN, ACCOUNT, TABLET)
    assert box.promise(Promise(ACCOUNT, proof), now) is AckStatus.OK
    return boxes


REGISTER = Register(ACCOUNT, TOKEN, (b"delegation", b"acceptance"))


def test_a_promise_is_kept_once_for_the_device_it_names() -> None:
    box = promised().boxes.get(MEETING)
    assert box is not None
    assert box.redeem(REGISTER, THIRD, NOW) is None
    assert box.redeem(replace(REGISTER, token=digest("guess")), TABLET, NOW) is None
    assert box.redeem(replace(REGISTER, account=subject("bert")), TABLET, NOW) is None
    assert box.redeem(REGISTER, TABLET, NOW) is not None
    # The very same again, since its answer may be lost; anything else not.
    assert box.redeem(REGISTER, TABLET, NOW + 1e6) is not None
    assert box.redeem(replace(REGISTER, certificates=(b"more",)), TABLET, NOW) is None


def test_a_promise_is_good_again_when_nothing_came_of_it() -> None:
    box = promised().boxes.get(MEETING)
    assert box is not None
    undo = box.redeem(REGISTER, TABLET, NOW)
    assert undo is not None
    undo()
    assert box.redeem(replace(REGISTER, certificates=(b"more",)), TABLET, NOW) is not None


def test_a_promise_lasts_two_minutes() -> None:
    for wait, kept in ((PROMISE_SECONDS - 1, True), (PROMISE_SECONDS, False)):
        box = promised().boxes.get(MEETING)
        assert box is not None
        assert (box.redeem(REGISTER, TABLET, NOW + wait) is not None) is kept


def test_promises_are_few() -> None:
    box = promised().boxes.get(MEETING)
    assert box is not None
    for _ in range(LINK_MESSAGES_MAX - 1):
        assert box.promise(Promise(ACCOUNT, bytes(32)), NOW) is AckStatus.OK
    assert box.promise(Promise(ACCOUNT, bytes(32)), NOW) is AckStatus.RATE_LIMITED
