from sakya_sync.access.certificates import Acceptance, Delegation
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.founding import enrol_device, found_account, found_project
from sakya_sync.access.members import Members
from sakya_sync.access.power import Power

from .people import sealing_key, signing_key, subject

ACCOUNT, LAPTOP, PHONE = (signing_key(name) for name in ("account", "laptop", "phone"))


def test_an_account_starts_with_itself_and_a_device() -> None:
    itself, granted, accepted = found_account(
        ACCOUNT, sealing_key("account"), LAPTOP, sealing_key("laptop"), Power.ADMIN
    )
    assert isinstance(itself, Acceptance)
    assert (itself.device, itself.account) == (ACCOUNT.public, ACCOUNT.public)
    assert isinstance(granted, Delegation)
    assert isinstance(accepted, Acceptance)
    assert accepted.delegation == granted.id


def test_a_project_starts_with_its_account_as_admin() -> None:
    (root,) = found_project(signing_key("project"), ACCOUNT.public)
    assert isinstance(root, Delegation)
    assert (root.issuer, root.audience) == (subject("project"), ACCOUNT.public)
    assert root.power == Power.ADMIN


def test_a_device_with_admin_enrols_another() -> None:
    account = subject("account")
    first = found_account(ACCOUNT, sealing_key("account"), LAPTOP, sealing_key("laptop"))
    second = enrol_device(LAPTOP, PHONE, sealing_key("phone"), Power.WRITE, account=account)
    held = Members(CertificateSet([*first, *second]))
    assert held.device_power(account, PHONE.public) == Power.WRITE
