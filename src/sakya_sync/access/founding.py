"""The first certificates of accounts, projects and devices."""

from sakya_sync.access.certificates import Certificate, accept, delegate
from sakya_sync.access.power import Power
from sakya_sync.ids import CertificateId, PublicKey, SealingKey, SubjectId
from sakya_sync.seal.keys import SigningKey


def found_account(
    account_key: SigningKey,
    account_sealing_key: SealingKey,
    device_key: SigningKey,
    device_sealing_key: SealingKey,
    power: Power = Power.ADMIN,
) -> tuple[Certificate, ...]:
    """An account that accepts itself, so that the recovery kit opens everything, and a device."""
    itself = accept(account_key, SubjectId(account_key.public), account_sealing_key, None)
    return (itself, *enrol_device(account_key, device_key, device_sealing_key, power))


def found_project(project_key: SigningKey, account: PublicKey) -> tuple[Certificate, ...]:
    """A project that an account administers; its key has done its work and can be forgotten."""
    return (delegate(project_key, account, SubjectId(project_key.public), Power.ADMIN),)


def enrol_device(
    issuer_key: SigningKey,
    device_key: SigningKey,
    sealing_key: SealingKey,
    power: Power,
    *,
    account: SubjectId | None = None,
    citation: CertificateId | None = None,
) -> tuple[Certificate, ...]:
    """A delegation over the account and the device's acceptance of it.

    Args:
        issuer_key: the account's own key, or that of a device with admin over `account`.
        account: the issuer's own public key, if not given.
        citation: the revocation to grant past, for a device that was removed before.
    """
    subject = SubjectId(issuer_key.public) if account is None else account
    granted = delegate(issuer_key, device_key.public, subject, power, citation)
    return (granted, accept(device_key, subject, sealing_key, granted.id))
