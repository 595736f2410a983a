from dataclasses import replace

import pytest

from access.people import digest, sealing_secret, signing_key
from sakya_sync.access.certificates import Certificate, accept, delegate, revoke
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.founding import enrol_device
from sakya_sync.access.power import Power
from sakya_sync.errors import LinkingError
from sakya_sync.ids import SubjectId
from sakya_sync.linking.messages import Provision
from sakya_sync.linking.tags import account_tag
from sakya_sync.linking.vouching import check_provision, vouching

from .pair import ACCOUNT, FOUNDING, LAPTOP, OWNER, TABLET, TABLET_LOCK, TOKEN, VOUCHING

PHONE, STRANGER = signing_key("phone"), signing_key("stranger")
PHONE_CERTIFICATES = enrol_device(
    LAPTOP, PHONE, sealing_secret("phone").public, Power.ADMIN, account=ACCOUNT
)
GRANTED = delegate(LAPTOP, TABLET.public, ACCOUNT, Power.WRITE)
ACCEPTED = accept(TABLET, ACCOUNT, TABLET_LOCK.public, GRANTED.id)


def provision(*certificates: Certificate) -> Provision:
    return Provision(ACCOUNT, TOKEN, "Tablet", GRANTED, certificates or VOUCHING)


def test_a_chain_is_all_that_is_needed_and_no_more() -> None:
    others = [
        item
        for n in range(50)
        for item in enrol_device(
            OWNER, signing_key(f"device {n}"), sealing_secret(f"{n}").public, Power.WRITE
        )
    ]
    held = CertificateSet([*FOUNDING, *PHONE_CERTIFICATES, *others])
    found = vouching(held, ACCOUNT, PHONE.public)
    assert set(found) == {*PHONE_CERTIFICATES, *FOUNDING}


def test_what_was_handed_over_makes_a_device() -> None:
    everything = check_provision(provision(), ACCEPTED, account_tag(ACCOUNT))
    assert {GRANTED, ACCEPTED} <= set(everything)
    check_provision(provision(), ACCEPTED, None)


def test_another_account_than_expected_is_refused() -> None:
    with pytest.raises(LinkingError):
        check_provision(provision(), ACCEPTED, digest("another")[:16])


def test_a_delegation_to_somebody_else_or_over_something_else_is_refused() -> None:
    other = delegate(LAPTOP, STRANGER.public, ACCOUNT, Power.WRITE)
    over = delegate(OWNER, TABLET.public, SubjectId(LAPTOP.public), Power.WRITE)
    for wrong in (other, over):
        with pytest.raises(LinkingError):
            check_provision(replace(provision(), delegation=wrong), ACCEPTED, None)
    with pytest.raises(LinkingError):
        check_provision(replace(provision(), account=SubjectId(PHONE.public)), ACCEPTED, None)


def test_who_vouches_must_be_an_admin_of_the_account() -> None:
    # Nobody at all, a stranger, and a device that may only write.
    by_stranger = delegate(STRANGER, TABLET.public, ACCOUNT, Power.WRITE)
    writer = enrol_device(
        OWNER, STRANGER, sealing_secret("stranger").public, Power.WRITE, account=ACCOUNT
    )
    with pytest.raises(LinkingError):
        check_provision(replace(provision(), certificates=()), ACCEPTED, None)
    for certificates in (VOUCHING, (*VOUCHING, *writer)):
        wrong = Provision(ACCOUNT, TOKEN, "Tablet", by_stranger, certificates)
        accepted = accept(TABLET, ACCOUNT, TABLET_LOCK.public, by_stranger.id)
        with pytest.raises(LinkingError):
            check_provision(wrong, accepted, None)


def test_who_was_removed_vouches_for_nobody() -> None:
    (granted, _) = PHONE_CERTIFICATES
    gone = revoke(OWNER, granted.id)
    held = CertificateSet([*FOUNDING, *PHONE_CERTIFICATES, gone])
    shown = vouching(held, ACCOUNT, PHONE.public)
    assert gone in shown
    by_phone = delegate(PHONE, TABLET.public, ACCOUNT, Power.WRITE)
    wrong = Provision(ACCOUNT, TOKEN, "Tablet", by_phone, shown)
    accepted = accept(TABLET, ACCOUNT, TABLET_LOCK.public, by_phone.id)
    with pytest.raises(LinkingError):
        check_provision(wrong, accepted, None)


def test_a_power_below_read_is_none() -> None:
    granted = delegate(LAPTOP, TABLET.public, ACCOUNT, Power.PULL)
    accepted = accept(TABLET, ACCOUNT, TABLET_LOCK.public, granted.id)
    with pytest.raises(LinkingError):
        check_provision(replace(provision(), delegation=granted), accepted, None)


def test_an_acceptance_must_name_the_delegation() -> None:
    other = delegate(LAPTOP, TABLET.public, ACCOUNT, Power.READ)
    accepted = accept(TABLET, ACCOUNT, TABLET_LOCK.public, other.id)
    with pytest.raises(LinkingError):
        check_provision(provision(), accepted, None)
