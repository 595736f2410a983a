import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.people import digest
from sakya_sync.errors import LinkingError
from sakya_sync.linking.typed import Giving, Typing

from .pair import CODE, MEETING

DICE, OTHERS = digest("giving") * 2, digest("typing") * 2


def test_the_same_code_meets() -> None:
    giving, typing = Giving(CODE, MEETING, DICE), Typing(CODE, MEETING, OTHERS)
    y = typing.begin()
    assert giving.begin() is None
    assert y is not None
    x = giving.take(y).answer
    assert x is not None
    first = typing.take(x).answer
    assert first is not None
    answered = giving.take(first)
    assert answered.answer is not None
    met = typing.take(answered.answer).met
    assert met is not None
    assert answered.met is not None
    assert met.check_code is None
    assert met.channel.send_key == answered.met.channel.receive_key


def test_another_code_is_told_by_the_first_proof() -> None:
    giving, typing = Giving(CODE, MEETING, DICE), Typing("7-novel-harbor-wild", MEETING, OTHERS)
    y = typing.begin()
    assert y is not None
    x = giving.take(y).answer
    assert x is not None
    first = typing.take(x).answer
    assert first is not None
    with pytest.raises(LinkingError):
        giving.take(first)


def test_a_message_sent_back_is_refused() -> None:
    giving = Giving(CODE, MEETING, DICE)
    typing = Typing(CODE, MEETING, OTHERS)
    y = typing.begin()
    assert y is not None
    with pytest.raises(LinkingError):
        typing.take(y)
    x = giving.take(y).answer
    assert x is not None
    # Its own share under the other side's name.
    with pytest.raises(LinkingError):
        Giving(CODE, MEETING, DICE).take(b"B" + x[1:])


@given(st.binary(max_size=80))
def test_rubbish_is_refused(message: bytes) -> None:
    with pytest.raises(LinkingError):
        Giving(CODE, MEETING, DICE).take(message)


@pytest.mark.parametrize("tail", [b"\0", b"more"])
def test_bytes_after_a_share_are_refused(tail: bytes) -> None:
    y = Typing(CODE, MEETING, OTHERS).begin()
    assert y is not None
    with pytest.raises(LinkingError):
        Giving(CODE, MEETING, DICE).take(y + tail)


@pytest.mark.parametrize("point", [b"\1" + bytes(31), bytes(32), b"\xec" + b"\xff" * 30 + b"\x7f"])
def test_points_of_small_order_are_refused(point: bytes) -> None:
    with pytest.raises(LinkingError):
        Giving(CODE, MEETING, DICE).take(b"B" + point)


def test_the_same_dice_say_the_same() -> None:
    assert Typing(CODE, MEETING, OTHERS).begin() == Typing(CODE, MEETING, OTHERS).begin()
    assert Typing(CODE, MEETING, DICE).begin() != Typing(CODE, MEETING, OTHERS).begin()
