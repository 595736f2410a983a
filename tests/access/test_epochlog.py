import random

from sakya_sync.access.certificates import NOTHING, Certificate, revoke
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.epochlog import EpochLog, resolve
from sakya_sync.access.epochs import EpochStatement, make
from sakya_sync.access.founding import enrol_device, found_account, found_project
from sakya_sync.access.members import Members
from sakya_sync.access.power import Power
from sakya_sync.ids import KeyId, PublicKey
from sakya_sync.seal.keys import EpochSecret, SigningKey, key_id

from .people import digest, sealing_key, signing_key, subject

ACCOUNT, PROJECT, LAPTOP, PHONE, TABLET = (
    signing_key(name) for name in ("account", "project", "laptop", "phone", "tablet")
)
OWN, BOOK = subject("account"), subject("project")
PHONE_IN = enrol_device(ACCOUNT, PHONE, sealing_key("phone"), Power.ADMIN)
TABLET_IN = enrol_device(ACCOUNT, TABLET, sealing_key("tablet"), Power.READ)
PHONE_OUT = revoke(ACCOUNT, PHONE_IN[0].id)
TABLET_OUT = revoke(ACCOUNT, TABLET_IN[0].id)
FOUNDED = [
    *found_account(ACCOUNT, sealing_key("account"), LAPTOP, sealing_key("laptop")),
    *found_project(PROJECT, ACCOUNT.public),
    *PHONE_IN,
    *TABLET_IN,
]


def members(*more: Certificate) -> Members:
    return Members(CertificateSet([*FOUNDED, *more]))


def key(name: str) -> KeyId:
    return key_id(EpochSecret(digest(name)))


def state(
    issuer: SigningKey, epoch: int, name: str, previous: bytes, *recipients: SigningKey
) -> EpochStatement:
    entries = [(item.public, digest(name) + bytes(48)) for item in recipients]
    return make(issuer, BOOK, epoch, key(name), previous, entries)


EVERYONE = (ACCOUNT, LAPTOP, PHONE, TABLET)
ZERO = state(PROJECT, 0, "zero", NOTHING, *EVERYONE)
ONE = state(LAPTOP, 1, "one", ZERO.digest, *EVERYONE)


def log(*statements: EpochStatement, held: Members | None = None) -> EpochLog:
    return resolve(BOOK, statements, held or members())


def numbers(result: EpochLog) -> list[int]:
    return [epoch.number for epoch in result.epochs]


def test_without_statements_epoch_0_comes_next() -> None:
    empty = log()
    assert empty.current is None
    assert empty.first is None
    assert (empty.next_number, empty.next_previous) == (0, NOTHING)
    assert empty.stale


def test_epochs_follow_one_another() -> None:
    found = log(ONE, ZERO)
    assert numbers(found) == [0, 1]
    assert found.current is not None
    assert found.current.key_id == key("one")
    assert found.first is not None
    assert found.first.key_id == key("zero")
    assert (found.next_number, found.next_previous) == (2, ONE.digest)
    assert not found.stale


def test_order_and_repetition_change_nothing() -> None:
    two = state(PHONE, 2, "two", ONE.digest, *EVERYONE)
    late = state(TABLET, 1, "one", ZERO.digest, ACCOUNT)
    items = [ZERO, ONE, two, late]
    for seed in range(20):
        shuffled = random.Random(seed).sample(items * 2, len(items) * 2)
        assert log(*shuffled) == log(*items)


def test_an_epoch_begun_without_admin_does_not_count() -> None:
    stranger = signing_key("stranger")
    for issuer in (TABLET, stranger):
        found = log(ZERO, state(issuer, 1, "mine", ZERO.digest, TABLET))
        assert numbers(found) == [0]
        assert found.next_number == 1


def test_nobody_jumps_ahead() -> None:
    far = state(LAPTOP, 4_000_000_000, "far", ZERO.digest, *EVERYONE)
    orphan = state(LAPTOP, 1, "orphan", digest("no statement"), *EVERYONE)
    assert numbers(log(ZERO, far, orphan)) == [0]


def test_statements_about_other_subjects_are_ignored() -> None:
    other = make(ACCOUNT, OWN, 0, key("own"), NOTHING, [])
    assert log(ZERO, other) == log(ZERO)


def test_any_member_with_read_adds_envelopes_and_nobody_else() -> None:
    narrow = state(PROJECT, 0, "zero", NOTHING, LAPTOP, TABLET)
    assert narrow.digest == ZERO.digest
    before = log(narrow)
    assert before.current is not None
    assert [entry[0] for entry in before.unserved(before.current)] == sorted(
        [ACCOUNT.public, PHONE.public]
    )
    shared = log(narrow, state(TABLET, 0, "zero", NOTHING, ACCOUNT, PHONE))
    assert shared.current is not None
    assert shared.unserved(shared.current) == []
    assert [epoch.number for epoch, _ in shared.envelopes_for(PHONE.public)] == [0]
    assert log(narrow, state(signing_key("stranger"), 0, "zero", NOTHING, PHONE)) == before


def test_an_addition_counts_only_for_the_very_same_epoch() -> None:
    other_key = state(TABLET, 0, "another", NOTHING, PHONE)
    assert log(ZERO, other_key) == log(ZERO)


def test_a_removal_makes_the_epoch_stale_until_another_begins() -> None:
    held = members(TABLET_OUT)
    assert log(ZERO, held=held).stale
    assert not log(ZERO, state(LAPTOP, 1, "one", ZERO.digest, LAPTOP), held=held).stale


def test_a_removed_admin_cannot_choose_the_key_others_seal_under() -> None:
    theirs = state(PHONE, 2, "theirs", ONE.digest, *EVERYONE)
    found = log(ZERO, ONE, theirs, held=members(PHONE_OUT))
    assert found.current is not None
    assert found.current.key_id == key("one")
    assert found.stale
    assert found.next_number == 3


def test_epochs_of_a_removed_admin_stay_readable() -> None:
    theirs = state(PHONE, 1, "theirs", ZERO.digest, *EVERYONE)
    healed = state(LAPTOP, 2, "healed", theirs.digest, ACCOUNT, LAPTOP, TABLET)
    found = log(ZERO, theirs, healed, held=members(PHONE_OUT))
    assert numbers(found) == [0, 1, 2]
    assert found.current is not None
    assert found.current.key_id == key("healed")
    assert not found.stale
    assert len(found.envelopes_for(TABLET.public)) == 3


def test_two_admins_at_once_agree_on_one_and_keep_both() -> None:
    theirs = state(PHONE, 1, "theirs", ZERO.digest, *EVERYONE)
    found = log(ZERO, ONE, theirs)
    assert numbers(found) == [0, 1, 1]
    assert found.current is not None
    assert found.current.key_id == min(key("one"), key("theirs"))
    current = ONE if found.current.key_id == key("one") else theirs
    assert (found.next_number, found.next_previous) == (2, current.digest)


def test_the_first_epoch_is_the_one_the_current_descends_from() -> None:
    rivals = [state(LAPTOP, 0, f"rival {number}", NOTHING, LAPTOP) for number in range(8)]
    found = log(*rivals, ZERO, ONE)
    assert found.first is not None
    assert found.first.key_id == key("zero")
    at_start = log(*rivals, ZERO)
    assert at_start.current is not None
    assert at_start.current.key_id == key("zero")


def test_recipients_are_told_whichever_statement_served_them() -> None:
    found = log(ZERO)
    assert found.current is not None
    assert found.current.recipients() == {PublicKey(item.public) for item in EVERYONE}
