import pytest

from access.people import digest
from sakya_sync.errors import LinkingError
from sakya_sync.linking.channel import FrameType
from sakya_sync.linking.greeting import Proof, extract
from sakya_sync.linking.payload import Intent


def proofs() -> tuple[Proof, Proof]:
    return (Proof(digest("prk"), digest("h1")), Proof(digest("prk"), digest("h1")))


def test_two_proofs_of_the_same_keys_meet() -> None:
    answering, other = proofs()
    other.check_first(answering.first(Intent.NEW_SHOWS), Intent.NEW_SHOWS)
    answering.check_second(other.second())
    assert answering.check_code() == other.check_code()
    here, there = answering.channel(answering=True), other.channel(answering=False)
    assert there.open(here.seal(FrameType.HELLO, b"x")).body == b"x"
    assert here.open(there.seal(FrameType.DONE, b"y")).body == b"y"


def test_a_first_message_for_the_other_direction_is_refused() -> None:
    answering, other = proofs()
    with pytest.raises(LinkingError):
        other.check_first(answering.first(Intent.NEW_SHOWS), Intent.EXISTING_SHOWS)


def test_first_and_second_are_not_interchangeable() -> None:
    answering, other = proofs()
    first = answering.first(Intent.NEW_SHOWS)
    with pytest.raises(LinkingError):
        other.check_second(first)
    with pytest.raises(LinkingError):
        proofs()[1].check_first(other.second(), Intent.NEW_SHOWS)


def test_a_check_code_has_six_digits_and_changes_with_every_message() -> None:
    answering, other = proofs()
    codes = [answering.check_code()]
    other.check_first(answering.first(Intent.NEW_SHOWS), Intent.NEW_SHOWS)
    codes.append(answering.check_code())
    answering.check_second(other.second())
    codes.append(answering.check_code())
    assert len(set(codes)) == 3
    assert all(len(code) == 6 and code.isdigit() for code in codes)


def test_check_codes_keep_their_leading_zeros() -> None:
    codes = [Proof(digest(f"prk {n}"), digest("h")).check_code() for n in range(200)]
    assert {len(code) for code in codes} == {6}
    assert any(code.startswith("0") for code in codes)
    assert len(set(codes)) > 195


def test_extract_is_hmac_as_rfc_5869_has_it() -> None:
    # Test case 1 of the RFC.
    salt, secret = bytes(range(13)), b"\x0b" * 22
    assert extract(salt, secret).hex() == (
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    )
