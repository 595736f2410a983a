"""Taking a device out of an account, and leaving all others in.

A device's delegation may have been issued by the one that goes; its branch would go with it. So the
others are granted anew first. Spec: docs/architecture.md#access.
"""

from sakya_sync.access.certificates import Certificate, delegate, revoke
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.members import Members
from sakya_sync.errors import PowerMissing, RemovalNeedsKit
from sakya_sync.ids import PublicKey, SubjectId
from sakya_sync.seal.keys import SigningKey


def remove_device(
    certificates: CertificateSet, account: SubjectId, issuer: SigningKey, device: PublicKey
) -> tuple[Certificate, ...]:
    """The certificates that do it, in the order in which they have to be stored.

    Args: issuer: the account's own key, or that of a device with admin over it.
    Raises: PowerMissing; RemovalNeedsKit, when the issuer would cut the branch it stands on.
    """
    before = Members(certificates)
    if not before.administers(account, issuer.public):
        raise PowerMissing
    revocations = [
        revoke(issuer, item.id)
        for item in certificates.delegations()
        if item.subject == account and item.audience == device and not before.view.denied(item.id)
    ]
    if not revocations:
        return ()
    stay = {key: power for key, power in before.devices(account).items() if key != device}
    cut = Members(certificates.add(revocations))
    if not cut.administers(account, issuer.public):
        raise RemovalNeedsKit
    # With a citation, so that none is a certificate that was denied before.
    granted = [
        delegate(issuer, key, account, power, revocations[0].id)
        for key, power in stay.items()
        if cut.device_power(account, key) != power
    ]
    after = Members(certificates.add([*granted, *revocations])).devices(account)
    if after != stay:
        raise RemovalNeedsKit
    return (*granted, *revocations)
