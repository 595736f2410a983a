from sakya_sync.access.certificates import Certificate, Delegation, accept, delegate, revoke
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.founding import enrol_device, found_account, found_project
from sakya_sync.access.members import Members
from sakya_sync.access.power import Power
from sakya_sync.ids import AuthorId

from .people import sealing_key, signing_key, subject

ACCOUNT, PROJECT, LAPTOP, PHONE = (
    signing_key(name) for name in ("account", "project", "laptop", "phone")
)
OWN = subject("account")
BOOK = subject("project")


def founded() -> list[Certificate]:
    account = found_account(
        ACCOUNT, sealing_key("account"), LAPTOP, sealing_key("laptop"), Power.ADMIN
    )
    return [*account, *found_project(PROJECT, ACCOUNT.public)]


def members(*more: Certificate) -> Members:
    return Members(CertificateSet([*founded(), *more]))


def test_the_first_device_administers_its_account_and_its_project() -> None:
    held = members()
    assert held.device_power(OWN, LAPTOP.public) == Power.ADMIN
    assert held.device_power(BOOK, LAPTOP.public) == Power.ADMIN
    assert held.may_write(BOOK, AuthorId(LAPTOP.public))
    assert held.account_of(LAPTOP.public) == OWN


def test_an_accounts_own_key_accepts_itself() -> None:
    held = members()
    assert held.device_power(OWN, ACCOUNT.public) == Power.ADMIN
    assert held.device_power(BOOK, ACCOUNT.public) == Power.ADMIN
    assert [entry[0] for entry in held.recipients(BOOK)] == sorted([ACCOUNT.public, LAPTOP.public])


def test_a_delegation_without_acceptance_makes_no_device() -> None:
    granted = delegate(ACCOUNT, PHONE.public, OWN, Power.WRITE)
    held = members(granted)
    assert held.view.power(BOOK, PHONE.public) == Power.WRITE
    assert held.device_power(BOOK, PHONE.public) is None
    assert not held.may_write(BOOK, AuthorId(PHONE.public))
    assert not held.wrote_once(BOOK, AuthorId(PHONE.public))
    assert held.account_of(PHONE.public) is None


def test_an_acceptance_must_name_a_delegation_to_its_signer_over_the_account() -> None:
    granted = delegate(ACCOUNT, PHONE.public, OWN, Power.WRITE)
    elsewhere = delegate(PROJECT, PHONE.public, BOOK, Power.WRITE)
    to_another = next(item for item in founded() if isinstance(item, Delegation))
    sealing = sealing_key("phone")
    for wrong in (
        accept(PHONE, OWN, sealing, None),
        accept(PHONE, OWN, sealing, to_another.id),
        accept(PHONE, OWN, sealing, elsewhere.id),
        accept(PHONE, OWN, sealing, revoke(ACCOUNT, granted.id).id),
        accept(PHONE, BOOK, sealing, granted.id),
        accept(LAPTOP, OWN, sealing, granted.id),
    ):
        held = members(granted, elsewhere, wrong)
        assert held.device_power(BOOK, PHONE.public) is None, wrong
    right = accept(PHONE, OWN, sealing, granted.id)
    assert members(granted, elsewhere, right).device_power(BOOK, PHONE.public) == Power.WRITE


def test_an_acceptance_may_arrive_before_its_delegation() -> None:
    granted, accepted = enrol_device(ACCOUNT, PHONE, sealing_key("phone"), Power.READ)
    assert members(accepted).device_power(BOOK, PHONE.public) is None
    assert members(accepted, granted).device_power(BOOK, PHONE.public) == Power.READ


def test_a_removed_device_is_none_but_what_it_wrote_was_genuine() -> None:
    enrolled = enrol_device(ACCOUNT, PHONE, sealing_key("phone"), Power.WRITE)
    removed = members(*enrolled, revoke(LAPTOP, enrolled[0].id))
    assert removed.device_power(BOOK, PHONE.public) is None
    assert not removed.may_write(BOOK, AuthorId(PHONE.public))
    assert removed.wrote_once(BOOK, AuthorId(PHONE.public))
    assert PHONE.public not in [entry[0] for entry in removed.recipients(BOOK)]
    assert PHONE.public not in removed.devices(OWN)


def test_a_removed_device_comes_back_by_a_fresh_delegation_and_acceptance() -> None:
    enrolled = enrol_device(ACCOUNT, PHONE, sealing_key("phone"), Power.WRITE)
    removal = revoke(ACCOUNT, enrolled[0].id)
    back = enrol_device(ACCOUNT, PHONE, sealing_key("phone 2"), Power.WRITE, citation=removal.id)
    assert members(*enrolled, removal, back[0]).device_power(BOOK, PHONE.public) is None
    held = members(*enrolled, removal, *back)
    assert held.device_power(BOOK, PHONE.public) == Power.WRITE
    assert (PHONE.public, sealing_key("phone 2")) in held.recipients(BOOK)


def test_a_device_that_only_pulls_gets_no_keys() -> None:
    held = members(*enrol_device(ACCOUNT, PHONE, sealing_key("phone"), Power.PULL))
    assert held.device_power(BOOK, PHONE.public) == Power.PULL
    assert not held.may_read(BOOK, PHONE.public)
    assert PHONE.public not in [entry[0] for entry in held.recipients(BOOK)]


def test_a_device_with_two_sealing_keys_counts_once() -> None:
    granted, first = enrol_device(ACCOUNT, PHONE, sealing_key("phone"), Power.READ)
    second = accept(PHONE, OWN, sealing_key("phone 2"), granted.id)
    orders = [members(granted, first, second), members(second, first, granted)]
    found = [[e for e in held.recipients(BOOK) if e[0] == PHONE.public] for held in orders]
    assert found[0] == found[1]
    assert len(found[0]) == 1


def test_accounts_and_devices_are_listed_with_their_power() -> None:
    other = signing_key("other")
    shared = delegate(LAPTOP, other.public, BOOK, Power.READ)
    guest = found_account(other, sealing_key("other"), PHONE, sealing_key("phone"))
    held = members(shared, *guest)
    assert held.accounts(BOOK) == {OWN: Power.ADMIN, subject("other"): Power.READ}
    assert held.device_power(BOOK, PHONE.public) == Power.READ
    assert held.devices(OWN) == {ACCOUNT.public: Power.ADMIN, LAPTOP.public: Power.ADMIN}
    assert held.powers(BOOK)[PHONE.public] == Power.READ
    assert PROJECT.public not in held.powers(BOOK)


def test_the_subject_administers_itself_and_others_only_as_devices() -> None:
    held = members(delegate(PROJECT, PHONE.public, BOOK, Power.ADMIN))
    assert held.administers(BOOK, PROJECT.public)
    assert held.administers(BOOK, LAPTOP.public)
    assert not held.administers(BOOK, PHONE.public)
    assert held.device_power(BOOK, PROJECT.public) is None


def test_an_admin_who_was_removed_administered_once() -> None:
    enrolled = enrol_device(ACCOUNT, PHONE, sealing_key("phone"), Power.ADMIN)
    held = members(*enrolled, revoke(ACCOUNT, enrolled[0].id))
    assert not held.administers(BOOK, PHONE.public)
    assert held.administered_once(BOOK, PHONE.public)
    assert len(held.acceptances(LAPTOP.public)) == 1
