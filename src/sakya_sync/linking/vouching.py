"""What shows a new device that another one may speak for the account.

Spec: docs/protocol.md#linking.
"""

from hmac import compare_digest

from sakya_sync.access.certificates import Acceptance, Certificate, Delegation
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.members import Members
from sakya_sync.access.power import Power
from sakya_sync.errors import LimitExceeded, LinkingError
from sakya_sync.ids import PublicKey, SubjectId
from sakya_sync.limits import LINK_CERTIFICATES_MAX
from sakya_sync.linking.messages import Provision
from sakya_sync.linking.tags import account_tag


def vouching(
    certificates: CertificateSet, account: SubjectId, device: PublicKey
) -> tuple[Certificate, ...]:
    """The certificates that lead from an account to one of its devices.

    Revocations of what is among them are too, so that nobody is shown a chain that broke.
    Raises: LimitExceeded.
    """
    found: dict[bytes, Certificate] = {}
    reached: set[PublicKey] = set()
    waiting = [device]
    while waiting:
        key = waiting.pop()
        if key in reached:
            continue
        reached.add(key)
        for item in certificates:
            if isinstance(item, Delegation) and item.subject == account and item.audience == key:
                found[item.id] = item
                waiting.append(item.issuer)
            elif isinstance(item, Acceptance) and item.account == account and item.device == key:
                found[item.id] = item
    for item in certificates.revocations():
        if item.target in found:
            found[item.id] = item
    if len(found) > LINK_CERTIFICATES_MAX:
        raise LimitExceeded(f"{len(found)} certificates between the account and this device")
    return tuple(found.values())


def check_provision(
    provision: Provision, acceptance: Acceptance, tag: bytes | None
) -> tuple[Certificate, ...]:
    """See whether what was handed over makes the acceptance's signer a device of the account.

    Args:
        tag: the account that was to be expected, if one was named.

    Returns: everything handed over, with the acceptance.
    Raises: LinkingError.
    """
    if tag is not None and not compare_digest(tag, account_tag(provision.account)):
        raise LinkingError("another account than the code named")
    delegation = provision.delegation
    if (delegation.subject, delegation.audience) != (provision.account, acceptance.device):
        raise LinkingError("a delegation for somebody else")
    before = Members(CertificateSet(provision.certificates))
    if not before.administers(provision.account, delegation.issuer):
        raise LinkingError("a delegation by somebody who may not delegate")
    everything = (*provision.certificates, delegation, acceptance)
    power = Members(CertificateSet(everything)).device_power(provision.account, acceptance.device)
    if power is None or power < Power.READ:
        raise LinkingError("a delegation that gives nothing")
    return everything
