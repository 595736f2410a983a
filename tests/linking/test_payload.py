from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.errors import LinkTextExpired, LinkTextWrong
from sakya_sync.limits import LINK_EXPIRY_AHEAD_SECONDS_MAX
from sakya_sync.linking.payload import Intent, Payload, as_text, check, decode, from_text

from .pair import EXPIRY, payload

NOW = EXPIRY - 120
SHOWN = payload(Intent.EXISTING_SHOWS)
SIXTY = "wss://" + "r" * 46 + ".example"


@given(
    st.sampled_from(Intent),
    st.binary(min_size=80, max_size=80),
    st.integers(0, 2**32 - 1),
    st.sampled_from(("ws://", "wss://")),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789.-:[]/", min_size=1, max_size=255),
)
def test_a_payload_comes_back(
    intent: Intent, random: bytes, expiry: int, scheme: str, place: str
) -> None:
    made = Payload(
        intent, random[:16], random[16:48], random[48:64], random[64:], expiry, scheme + place
    )
    assert decode(from_text(as_text(made.encode()))) == made


def test_every_flipped_bit_is_noticed() -> None:
    encoded = SHOWN.encode()
    for bit in range(len(encoded) * 8):
        broken = bytearray(encoded)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(LinkTextWrong):
            decode(bytes(broken))


def test_every_mistyped_character_is_noticed() -> None:
    text = as_text(SHOWN.encode())
    for place, letter in product(range(len(text)), "A7"):
        if text[place] != letter:
            with pytest.raises(LinkTextWrong):
                decode(from_text(text[:place] + letter + text[place + 1 :]))


def test_every_cut_and_every_tail_is_noticed() -> None:
    encoded = SHOWN.encode()
    for end in range(len(encoded)):
        with pytest.raises(LinkTextWrong):
            decode(encoded[:end])
    for tail in (b"\0", encoded):
        with pytest.raises(LinkTextWrong):
            decode(encoded + tail)


def test_a_text_may_be_pasted_with_breaks_and_in_small_letters() -> None:
    text = as_text(SHOWN.encode())
    wrapped = "\n  ".join(text[at : at + 40] for at in range(0, len(text), 40))
    assert decode(from_text(f" {wrapped.lower()}\r\n")) == SHOWN


@pytest.mark.parametrize(
    "text",
    ["", "SAKYA1:", "SAKYA2:AAAA", "sakya1:ÄÖÜ", "SAKYA1:A", "7-novel-harbor-tube", "A" * 9999],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(LinkTextWrong):
        decode(from_text(text))


def test_what_a_text_says_is_refused_without_being_repeated() -> None:
    with pytest.raises(LinkTextWrong) as caught:
        from_text("SAKYA1:SECRETSECRET1")
    assert "SECRET" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("intent", Intent)
def test_a_payload_for_the_other_direction_is_refused(intent: Intent) -> None:
    check(payload(intent), intent, NOW)
    with pytest.raises(LinkTextWrong):
        check(payload(intent), Intent(1 - intent), NOW)


def test_a_payload_expires() -> None:
    check(SHOWN, SHOWN.intent, EXPIRY - 1)
    for late in (EXPIRY, EXPIRY + 1):
        with pytest.raises(LinkTextExpired):
            check(SHOWN, SHOWN.intent, late)


def test_a_payload_from_the_future_is_refused() -> None:
    check(SHOWN, SHOWN.intent, EXPIRY - LINK_EXPIRY_AHEAD_SECONDS_MAX)
    with pytest.raises(LinkTextWrong):
        check(SHOWN, SHOWN.intent, EXPIRY - LINK_EXPIRY_AHEAD_SECONDS_MAX - 1)


@pytest.mark.parametrize(
    "relay",
    [
        "ws://relay.example",
        "ws://192.168.1.5:7450",
        "ws://127.0.0.1.example",
        "ws://[fe80::1]:7450",
    ],
)
def test_a_relay_without_tls_has_to_be_named_by_hand(relay: str) -> None:
    plain = replace(SHOWN, relay=relay)
    with pytest.raises(LinkTextWrong):
        check(plain, plain.intent, NOW)
    with pytest.raises(LinkTextWrong):
        check(plain, plain.intent, NOW, trusted="ws://another.example")
    check(plain, plain.intent, NOW, trusted=relay)


@pytest.mark.parametrize(
    "relay",
    ["ws://127.0.0.1:7450", "ws://localhost:7450/sync", "ws://[::1]:7450", "wss://r.example"],
)
def test_a_relay_on_this_computer_or_with_tls_is_followed(relay: str) -> None:
    check(replace(SHOWN, relay=relay), SHOWN.intent, NOW)


def test_nothing_secret_is_in_a_repr() -> None:
    assert repr(SHOWN.optical) not in repr(SHOWN)


def test_a_picture_of_it_stays_small_for_addresses_of_sixty_characters() -> None:
    import segno

    assert len(SIXTY) == 60
    made = segno.make(as_text(replace(SHOWN, relay=SIXTY).encode()), error="l", boost_error=False)
    assert made.version is not None
    assert int(made.version) <= 8
    assert made.mode == "alphanumeric"
