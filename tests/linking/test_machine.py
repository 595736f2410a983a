"""Whole linkings, and what ends them: the pure items of the list of attacks."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from access.people import digest, sealing_secret, signing_key
from sakya_sync.access.certificates import Certificate, accept, delegate
from sakya_sync.access.power import Power
from sakya_sync.linking.channel import FrameType
from sakya_sync.linking.machine import (
    AskApproval,
    AskCheckCode,
    Linking,
    Reason,
    Register,
    ShowCheckCode,
)
from sakya_sync.linking.payload import Intent
from sakya_sync.linking.shown import Scanning, Showing
from sakya_sync.linking.tables import ENDED, LinkingState

from .pair import (
    LAPTOP,
    NOW,
    OPTICAL,
    SCANNED,
    SHOWN,
    TOKEN,
    Pair,
    linked,
    opened,
    pair,
    payload,
    provisioned,
    shown_by_existing,
    shown_by_new,
    typed,
)

WAYS = [shown_by_existing, shown_by_new, typed]
ways = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
Way = Callable[[], Pair]


@ways
def test_a_linking_ends_with_a_device_on_both_sides(way: Way) -> None:
    made = provisioned(way())
    registered = made.event(Register)
    made.finish()
    assert linked(made)
    assert made.existing.state is made.new.state is LinkingState.LINKED
    assert registered.delegation.power is Power.WRITE
    assert registered.acceptance.delegation == registered.delegation.id
    assert not made.reasons()


def test_a_check_code_is_asked_on_the_showing_device_only() -> None:
    for made, asks in ((shown_by_existing(), "existing"), (shown_by_new(), "new")):
        made.carry()
        assert made.showing() is getattr(made, asks)
        assert len(made.event(ShowCheckCode).code) == 6


def test_a_typed_code_needs_no_check_code_but_an_approval() -> None:
    made = opened(typed())
    assert not any(isinstance(event, AskCheckCode | ShowCheckCode) for event in made.told)
    assert made.event(AskApproval).hello.platform == "Linux"
    assert made.new.state is LinkingState.APPROVING


@ways
def test_every_secret_is_forgotten_when_it_is_over(way: Way) -> None:
    made = provisioned(way())
    made.finish()
    secrets = [SHOWN, SCANNED, OPTICAL, TOKEN]
    for side in (made.existing, made.new):
        assert side._channel is not None
        assert side._channel.send_key == side._channel.receive_key == b""
        assert side._check_code is None
        for name, value in vars(side._greeting).items():
            if name != "_payload":
                assert value not in secrets, name
        assert getattr(side._greeting, "_proof", None) is None
        assert getattr(side._greeting, "_pake", None) is None


@ways
def test_no_secret_is_in_a_repr(way: Way) -> None:
    made = opened(way())
    made.approve()
    shown = repr(made.told) + repr(made.existing._channel) + repr(made.new._channel)
    assert made.existing._channel is not None
    for secret in (TOKEN, made.existing._channel.send_key, made.existing._channel.receive_key):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    if codes := [event.code for event in made.told if isinstance(event, ShowCheckCode)]:
        assert codes[0] not in shown


# The check code.


@pytest.mark.parametrize("way", [shown_by_existing, shown_by_new])
def test_a_check_code_that_is_wrong_three_times_ends_it(way: Way) -> None:
    made = way()
    made.carry()
    right = made.event(ShowCheckCode).code
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for left in (2, 1):
        made.showing().type_check_code(wrong)
        made.carry()
        assert made.event(AskCheckCode).tries == left
    asking = made.showing()
    asking.type_check_code(wrong)
    made.carry()
    assert made.reasons() == [Reason.WRONG_CHECK_CODE]
    # The right one helps no more, and nothing was said to the other end.
    asking.type_check_code(right)
    assert asking.state is LinkingState.FAILED
    assert not asking.outgoing()


def test_a_check_code_may_be_typed_with_a_gap() -> None:
    made = shown_by_existing()
    made.carry()
    code = made.event(ShowCheckCode).code
    made.existing.type_check_code(f" {code[:3]} {code[3:]}")
    made.carry()
    assert made.existing.state is LinkingState.APPROVING


@pytest.mark.parametrize("typed_text", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_anything_else_is_a_wrong_check_code(typed_text: str) -> None:
    made = shown_by_existing()
    made.carry()
    made.existing.type_check_code(typed_text)
    made.carry()
    assert made.event(AskCheckCode).tries == 2


def test_nothing_is_taken_before_the_check_code_was_typed() -> None:
    made = shown_by_existing()
    made.carry()
    assert made.new._channel is not None
    made.existing.receive(made.new._channel.seal(FrameType.CHECKED), NOW)
    made.carry()
    assert made.existing.state is LinkingState.FAILED
    assert Reason.TAMPERED in made.reasons()


def test_a_second_scanner_leaves_the_first_without_a_code() -> None:
    """Someone who saw the code answers first: the real device never has digits to show."""
    code = payload(Intent.EXISTING_SHOWS)
    made = pair(Showing(code, SHOWN), Scanning(code, SCANNED))
    onlooker = Scanning(code, digest("onlooker"))
    first = onlooker.begin()
    assert first is not None
    made.existing.receive(first, NOW)
    made.told += made.existing.events()
    (second,) = made.existing.outgoing()
    made.new.receive(second, NOW)
    made.told += made.new.events()
    assert not any(isinstance(event, ShowCheckCode) for event in made.told)
    assert made.new.state is LinkingState.FAILED
    assert made.existing.state is LinkingState.CHECKING


# Whoever carries the messages.


def test_a_relay_that_knows_all_but_the_optical_secret_gets_nowhere() -> None:
    real = payload(Intent.EXISTING_SHOWS)
    guessed = replace(real, optical=digest("a guess")[:16])
    made = pair(Showing(real, SHOWN), Scanning(guessed, SCANNED))
    made.carry()
    assert made.existing.state is LinkingState.FAILED
    assert made.reasons() == [Reason.TAMPERED]
    assert not made.existing.outgoing()


def test_a_first_message_to_one_linking_does_not_fit_another() -> None:
    code = payload(Intent.EXISTING_SHOWS)
    first = Scanning(code, SCANNED).begin()
    assert first is not None
    others = [
        replace(code, meeting=digest("elsewhere")[:16]),
        replace(code, expiry=code.expiry + 1),
        replace(code, intent=Intent.NEW_SHOWS),
        replace(code, relay="wss://relay.elsewhere"),
        replace(code, tag=bytes(16)),
    ]
    for other in others:
        made = pair(Showing(other, SHOWN), Scanning(code, SCANNED))
        made.existing.receive(first, NOW)
        assert made.existing.state is LinkingState.FAILED


@ways
def test_every_bit_of_every_message_counts(way: Way) -> None:
    whole = provisioned(way())
    whole.finish()
    messages = whole.sent
    assert len(messages) >= 7
    for place, (_, message) in enumerate(messages):
        # All bits of short ones, one of each byte of long ones; SPAKE2 is slow, so fewer there.
        step = 29 if way is typed else 1 if len(message) < 80 else 8
        for bit in range(0, len(message) * 8, step):
            broken = bytearray(message)
            broken[bit // 8] ^= 1 << bit % 8
            assert replayed(way(), messages, place, bytes(broken)), (place, bit)


def replayed(made: Pair, messages: list[tuple[str, bytes]], place: int, broken: bytes) -> bool:
    """Say again what was said, one message broken: whether its receiver comes to nothing."""
    receiver: Linking
    for number, (sender, message) in enumerate(messages):
        receiver = made.existing if sender == "new" else made.new
        receiver.receive(broken if number == place else message, NOW)
        act(made)
    receiver = made.existing if messages[place][0] == "new" else made.new
    return receiver.state is LinkingState.FAILED


def act(made: Pair) -> None:
    """What people do, as soon as they can."""
    made.told += made.existing.events() + made.new.events()
    for side in (made.existing, made.new):
        if side.state is LinkingState.CHECKING and side._check_code is not None:
            side.type_check_code(side._check_code)
    if made.existing.state is LinkingState.APPROVING:
        made.approve_without_carrying()
    if made.new.state is LinkingState.PROVISIONING:
        made.new.registered()
    if made.existing.state is LinkingState.SHARING:
        made.existing.shared()
    made.existing.outgoing()
    made.new.outgoing()


@ways
def test_frames_come_once_in_their_order_and_from_the_other_end(way: Way) -> None:
    made = provisioned(way())
    frames = [message for sender, message in made.sent if sender == "new"]
    hello = frames[-1]
    # Again.
    assert ended(provisioned(way()).existing, hello)
    # Reflected.
    fresh = opened(way())
    assert ended(fresh.new, hello)
    # Skipped: the next but one.
    fresh = opened(way())
    assert fresh.existing._channel is not None
    fresh.existing._channel.seal(FrameType.SHARED)
    assert ended(fresh.new, fresh.existing._channel.seal(FrameType.SHARED))


@ways
@pytest.mark.parametrize("kind", list(FrameType))
def test_no_phase_is_skipped(way: Way, kind: FrameType) -> None:
    made, other = opened(way()), opened(way())
    assert made.new._channel is not None
    assert other.existing._channel is not None
    # Both are in the middle of it: neither type nor body fits, or it is a refusal.
    assert ended(made.existing, made.new._channel.seal(kind, b"\1"))
    assert ended(other.new, other.existing._channel.seal(kind, b"\1"))


@ways
def test_a_frame_that_should_be_empty_is(way: Way) -> None:
    made = provisioned(way())
    made.new.registered()
    made.carry()
    assert made.existing._channel is not None
    assert ended(made.new, made.existing._channel.seal(FrameType.SHARED, b"more"))


def ended(side: Linking, message: bytes) -> bool:
    side.receive(message, NOW)
    return side.state in ENDED


def test_what_comes_after_the_end_changes_nothing() -> None:
    made = provisioned(typed())
    made.finish()
    made.existing.receive(b"anything", NOW)
    made.existing.cancel()
    made.existing.gone()
    made.existing.tick(NOW + 1e6)
    assert made.existing.state is LinkingState.LINKED
    assert made.existing.deadline() is None
    assert not made.existing.events()


# Codes that are typed.


def test_a_wrong_code_ends_it_on_both_sides() -> None:
    made = typed(guess="7-novel-harbor-wild")
    made.carry()
    assert made.existing.state is LinkingState.FAILED
    made.new.gone()
    made.carry()
    assert made.reasons() == [Reason.WRONG_CODE, Reason.WRONG_CODE]


def test_who_takes_the_share_and_leaves_has_guessed_wrong() -> None:
    for leave in ("gone", "late"):
        made = typed()
        made.existing.receive(made.new.outgoing()[0], NOW)
        assert made.existing.state is LinkingState.CONFIRMING
        if leave == "gone":
            made.existing.gone()
        else:
            made.existing.tick(NOW + 1e4)
        made.carry()
        assert made.reasons()[0] is Reason.WRONG_CODE


def test_a_code_is_good_for_one_meeting_only() -> None:
    from sakya_sync.linking.typed import Giving, Typing

    from .pair import CODE, MEETING

    made = pair(
        Giving(CODE, MEETING, digest("g") * 2), Typing(CODE, digest("m")[:16], digest("t") * 2)
    )
    made.carry()
    assert made.reasons()[0] is Reason.WRONG_CODE


# Who the other device is.


def test_possession_shown_in_another_conversation_does_not_count() -> None:
    other = provisioned(typed())
    made = opened_without_hello()
    assert made.new._channel is not None
    hello = body_of_hello(other)
    assert ended(made.existing, made.new._channel.seal(FrameType.HELLO, hello))


def test_the_device_must_be_the_one_that_the_code_named() -> None:
    code = replace(payload(Intent.NEW_SHOWS), tag=digest("another")[:16])
    made = pair(Scanning(code, SCANNED), Showing(code, SHOWN), tags=(code.tag, None))
    made.check()
    assert Reason.TAMPERED in made.reasons()
    assert not any(isinstance(event, AskApproval) for event in made.told)


def test_the_account_must_be_the_one_that_the_code_named() -> None:
    code = replace(payload(Intent.EXISTING_SHOWS), tag=digest("another")[:16])
    made = pair(Showing(code, SHOWN), Scanning(code, SCANNED), tags=(None, code.tag))
    made.check()
    made.approve()
    assert Reason.TAMPERED in made.reasons()
    assert not any(isinstance(event, Register) for event in made.told)


@ways
def test_a_device_that_may_not_delegate_links_nobody(way: Way) -> None:
    from .pair import ACCOUNT, VOUCHING

    made = opened(way())
    made.existing.approve(signing_key("stranger"), ACCOUNT, VOUCHING, token=TOKEN)
    made.carry()
    assert Reason.TAMPERED in made.reasons()
    assert not any(isinstance(event, Register) for event in made.told)


@ways
def test_an_approval_that_is_denied_hands_over_nothing(way: Way) -> None:
    made = opened(way())
    made.existing.deny()
    made.carry()
    assert made.reasons() == [Reason.CANCELLED, Reason.DENIED]
    assert not any(isinstance(event, Register) for event in made.told)
    made.existing.approve(LAPTOP, *approval(), token=TOKEN)
    assert not made.existing.outgoing()


@ways
def test_an_acceptance_of_something_else_is_refused(way: Way) -> None:
    from .pair import ACCOUNT, TABLET, TABLET_LOCK

    granted = provisioned(way()).event(Register).delegation
    other = delegate(LAPTOP, TABLET.public, ACCOUNT, Power.ADMIN)
    wrong: list[Certificate] = [
        accept(TABLET, ACCOUNT, sealing_secret("another").public, granted.id),
        accept(TABLET, ACCOUNT, TABLET_LOCK.public, other.id),
        accept(signing_key("another"), ACCOUNT, TABLET_LOCK.public, granted.id),
        granted,
    ]
    for body in (item.encode() for item in wrong):
        made = provisioned(way())
        assert made.new._channel is not None
        assert ended(made.existing, made.new._channel.seal(FrameType.DONE, body))


@ways
def test_who_is_not_registered_says_so(way: Way) -> None:
    made = provisioned(way())
    made.new.not_registered()
    made.carry()
    assert made.reasons() == [Reason.NOT_REGISTERED, Reason.NOT_REGISTERED]


@ways
def test_either_side_may_break_off_at_any_time(way: Way) -> None:
    for side, other in (("existing", "new"), ("new", "existing")):
        made = opened(way())
        getattr(made, side).cancel()
        made.carry()
        assert getattr(made, other).state is LinkingState.FAILED
        assert set(made.reasons()) == {Reason.CANCELLED, Reason.BROKEN_OFF}


# Time.


@ways
def test_a_code_that_nobody_answers_runs_out(way: Way) -> None:
    made = way()
    assert made.existing.deadline() == NOW + 120
    made.existing.tick(NOW + 119)
    assert not made.existing.events()
    made.existing.tick(NOW + 120)
    made.carry()
    assert made.existing.deadline() is None
    assert made.reasons()[0] is Reason.TOO_LATE


@ways
def test_a_person_has_five_minutes(way: Way) -> None:
    made = opened(way())
    made.existing.tick(NOW + 299)
    assert made.existing.state is LinkingState.APPROVING
    made.existing.tick(NOW + 301)
    made.carry()
    assert made.reasons() == [Reason.TOO_LATE, Reason.BROKEN_OFF]


# Help.


def approval() -> tuple:  # type: ignore[type-arg]
    from .pair import ACCOUNT, VOUCHING

    return (ACCOUNT, VOUCHING)


def opened_without_hello() -> Pair:
    """Both have the keys, and the new device has not said who it is."""
    made = shown_by_existing()
    made.carry()
    made.existing.type_check_code(made.event(ShowCheckCode).code)
    made.existing.outgoing()
    return made


def body_of_hello(made: Pair) -> bytes:
    hello = made.event(AskApproval).hello
    return hello.encode()
