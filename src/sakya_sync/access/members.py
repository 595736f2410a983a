"""Who takes part in a subject: keys with power that also accepted it.

A delegation alone makes nobody a device: the key has to sign an acceptance that names a
delegation to it over the account, and that is not denied. So nobody can be enrolled, or attributed,
against their will.
Spec: docs/protocol.md#access.
"""

from collections.abc import Mapping

from sakya_sync.access.certificates import Acceptance, Delegation
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.evaluator import View, evaluate
from sakya_sync.access.power import Power
from sakya_sync.ids import AuthorId, PublicKey, SealingKey, SubjectId


class Members:
    """What a set of certificates says about devices and accounts."""

    __slots__ = ("_accepted", "_ever_accepted", "certificates", "view")

    def __init__(self, certificates: CertificateSet, view: View | None = None) -> None:
        """Give the view where it is known already."""
        self.certificates = certificates
        self.view = evaluate(certificates) if view is None else view
        self._accepted: dict[PublicKey, list[Acceptance]] = {}
        self._ever_accepted: set[PublicKey] = set()
        for acceptance in sorted(certificates.acceptances(), key=lambda item: item.id):
            if not self._fits(acceptance):
                continue
            self._ever_accepted.add(acceptance.device)
            if self._counts(acceptance):
                self._accepted.setdefault(acceptance.device, []).append(acceptance)

    def device_power(self, subject: SubjectId, device: PublicKey) -> Power | None:
        """What a device may do with `subject` now; None for a key that is no device."""
        return self.view.power(subject, device) if device in self._accepted else None

    def may_read(self, subject: SubjectId, device: PublicKey) -> bool:
        """Whether a device is to be handed the subject's keys."""
        return _at_least(self.device_power(subject, device), Power.READ)

    def may_write(self, subject: SubjectId, author: AuthorId) -> bool:
        """Whether new records by `author` are taken in the subject's rooms."""
        return _at_least(self.device_power(subject, author), Power.WRITE)

    def wrote_once(self, subject: SubjectId, author: AuthorId) -> bool:
        """Whether records by `author` can be genuine, made before a revocation if not now."""
        ever = self.view.ever(subject, author) if author in self._ever_accepted else None
        return _at_least(ever, Power.WRITE)

    def administers(self, subject: SubjectId, key: PublicKey) -> bool:
        """Whether `key` may begin epochs: the subject itself, or a device with admin."""
        return key == subject or self.device_power(subject, key) == Power.ADMIN

    def administered_once(self, subject: SubjectId, key: PublicKey) -> bool:
        """The same, as if nothing had been revoked."""
        if key == subject:
            return True
        return key in self._ever_accepted and self.view.ever(subject, key) == Power.ADMIN

    def recipients(self, subject: SubjectId) -> list[tuple[PublicKey, SealingKey]]:
        """Who a secret of `subject` is sealed to: every device with read, sorted by key.

        A device that accepted with several sealing keys counts with the acceptance of lowest id.
        """
        return sorted(
            (device, accepted[0].sealing_key)
            for device, accepted in self._accepted.items()
            if _at_least(self.view.power(subject, device), Power.READ)
        )

    def devices(self, account: SubjectId) -> dict[PublicKey, Power]:
        """The devices that accepted `account`, with their power over it; its own key among them."""
        return {
            device: power
            for device, accepted in sorted(self._accepted.items())
            if any(item.account == account for item in accepted)
            and (power := self.view.power(account, device)) is not None
        }

    def accounts(self, subject: SubjectId) -> dict[SubjectId, Power]:
        """The accounts with power over `subject` that some device accepted."""
        named = {item.account for accepted in self._accepted.values() for item in accepted}
        return {
            account: power
            for account in sorted(named)
            if (power := self.view.power(subject, account)) is not None
        }

    def account_of(self, device: PublicKey) -> SubjectId | None:
        """The account a device belongs to; by the acceptance of lowest id, if it has several."""
        accepted = self._accepted.get(device)
        return accepted[0].account if accepted else None

    def acceptances(self, device: PublicKey) -> tuple[Acceptance, ...]:
        """The acceptances by which a key counts as a device now."""
        return tuple(self._accepted.get(device, ()))

    def powers(self, subject: SubjectId) -> Mapping[PublicKey, Power]:
        """Every device with power over `subject`."""
        keys = self.view.keys(subject)
        return {key: keys[key] for key in sorted(keys.keys() & self._accepted.keys())}

    def _counts(self, acceptance: Acceptance) -> bool:
        """Whether it makes its signer a device now.

        The delegation it names may have died with its issuer, without being denied itself: then
        any other living one to the same device serves, so that it need not be there to accept.
        """
        named = acceptance.delegation
        if named is None or self.view.live(named):
            return True
        granted = self.view.power(acceptance.account, acceptance.device) is not None
        return granted and not self.view.denied(named)

    def _fits(self, acceptance: Acceptance) -> bool:
        """Whether it names a delegation to its own signer over the account, living or not."""
        if acceptance.delegation is None:
            return PublicKey(acceptance.account) == PublicKey(acceptance.device)
        delegation = self.certificates.get(acceptance.delegation)
        return (
            isinstance(delegation, Delegation)
            and delegation.audience == acceptance.device
            and delegation.subject == acceptance.account
        )


def _at_least(power: Power | None, needed: Power) -> bool:
    return power is not None and power >= needed
