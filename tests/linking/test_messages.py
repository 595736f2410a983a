from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.people import digest, sealing_secret, signing_key
from sakya_sync.access.certificates import accept, delegate
from sakya_sync.access.power import Power
from sakya_sync.errors import LinkingError
from sakya_sync.ids import DeviceId
from sakya_sync.limits import LINK_CERTIFICATES_MAX
from sakya_sync.linking.messages import (
    NAME_BYTES_MAX,
    Hello,
    Provision,
    Refusal,
    hello,
    read_done,
    read_hello,
    read_provision,
    read_refusal,
    shown,
)

from .pair import ACCOUNT, LAPTOP, TABLET, TABLET_LOCK, TOKEN, VOUCHING

SAID = digest("said")
GRANTED = delegate(LAPTOP, TABLET.public, ACCOUNT, Power.WRITE)


def made(name: str = "Tablet") -> Hello:
    return hello(SAID, TABLET, TABLET_LOCK, name=name, platform="Linux", version="0.1.0")


def test_a_hello_comes_back_in_its_own_conversation_only() -> None:
    assert read_hello(made().encode(), SAID) == made()
    with pytest.raises(LinkingError):
        read_hello(made().encode(), digest("elsewhere"))


def test_a_hello_needs_the_key_it_names() -> None:
    stolen = replace(made(), device=DeviceId(signing_key("another").public))
    other = replace(made(), sealing_key=sealing_secret("another").public)
    for wrong in (stolen, other):
        with pytest.raises(LinkingError):
            read_hello(wrong.encode(), SAID)


def test_every_cut_and_every_tail_of_a_hello_is_refused() -> None:
    encoded = made().encode()
    for end in range(len(encoded)):
        with pytest.raises(LinkingError):
            read_hello(encoded[:end], SAID)
    with pytest.raises(LinkingError):
        read_hello(encoded + b"\0", SAID)


@pytest.mark.parametrize("name", ["", "a\nb", "\x1b[31mred", "\u202eright to left", "n" * 129])
def test_a_name_that_would_spoil_a_screen_is_refused(name: str) -> None:
    with pytest.raises(LinkingError):
        read_hello(replace(made(), name=name).encode(), SAID)


@pytest.mark.parametrize("name", ["Ærøs Füße", "平板电脑", "планшет"])
def test_names_of_any_language_come_back(name: str) -> None:
    assert read_hello(made(name).encode(), SAID).name == name


@given(st.text(max_size=200))
def test_what_can_be_shown_stays_so(text: str) -> None:
    line = shown(text)
    assert shown(line) == line
    assert line.isprintable()
    assert len(line.encode()) <= NAME_BYTES_MAX


def provision() -> Provision:
    return Provision(ACCOUNT, TOKEN, "Tablet", GRANTED, VOUCHING)


def test_a_provision_comes_back() -> None:
    assert read_provision(provision().encode()) == provision()


def test_every_bit_of_a_certificate_in_a_provision_counts() -> None:
    encoded = provision().encode()
    start = 64 + 1 + len("Tablet")
    for at in range(start, len(encoded)):
        broken = bytearray(encoded)
        broken[at] ^= 1
        with pytest.raises(LinkingError):
            read_provision(bytes(broken))


def test_every_cut_and_every_tail_of_a_provision_is_refused() -> None:
    encoded = provision().encode()
    for end in range(0, len(encoded), 7):
        with pytest.raises(LinkingError):
            read_provision(encoded[:end])
    with pytest.raises(LinkingError):
        read_provision(encoded + b"\0")


def test_a_provision_with_another_kind_of_certificate_or_too_many_is_refused() -> None:
    acceptance = accept(TABLET, ACCOUNT, TABLET_LOCK.public, GRANTED.id).encode()
    swapped = provision().encode().replace(GRANTED.encode(), acceptance + b"\0")
    with pytest.raises(LinkingError):
        read_provision(swapped)
    many = replace(provision(), certificates=(GRANTED,) * (LINK_CERTIFICATES_MAX + 1))
    with pytest.raises(LinkingError):
        read_provision(many.encode())
    nameless = replace(provision(), name="\x07")
    with pytest.raises(LinkingError):
        read_provision(nameless.encode())


def test_done_is_an_acceptance() -> None:
    acceptance = accept(TABLET, ACCOUNT, TABLET_LOCK.public, GRANTED.id)
    assert read_done(acceptance.encode()) == acceptance
    for wrong in (GRANTED.encode(), acceptance.encode()[:-1], b""):
        with pytest.raises(LinkingError):
            read_done(wrong)


def test_refusals_are_known_ones() -> None:
    assert [read_refusal(bytes((item,))) for item in Refusal] == list(Refusal)
    for wrong in (b"", b"\0", b"\xff"):
        with pytest.raises(LinkingError):
            read_refusal(wrong)
