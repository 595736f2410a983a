"""Who may begin an account or a project.

Spec: docs/protocol.md#registration.
"""

from collections.abc import Iterable
from hashlib import blake2b

from sakya_sync.access.certificates import Certificate, Delegation
from sakya_sync.access.members import Members
from sakya_sync.ids import DeviceId, SubjectId
from sakya_sync.ports import Clock
from sakya_sync.relay.config import Registration
from sakya_sync.relay.subjects import Subjects
from sakya_sync.store.relay.store import RelayBatch, RelayStore


class Registrar:
    """One for all connections of a relay."""

    def __init__(
        self, registration: Registration, store: RelayStore, subjects: Subjects, clock: Clock
    ) -> None:
        self._registration = registration
        self._store = store
        self._subjects = subjects
        self._clock = clock

    def admits(
        self,
        subject: SubjectId,
        introduced: Iterable[Certificate],
        device: DeviceId,
        members: Members,
    ) -> bool:
        """Whether a device may be let in without an invitation.

        That is so where nothing begins, and where the device has power over something that the
        relay already keeps: members may begin projects, and bring in those they share with.

        Args: members: with what was introduced taken into account.
        """
        if self._registration is Registration.OPEN:
            return True
        named = {subject}
        for item in introduced:
            if isinstance(item, Delegation):
                named |= {SubjectId(item.subject), SubjectId(item.audience)}
        return any(
            self._subjects.known(one) and members.device_power(one, device) is not None
            for one in named
        )

    def invites(self, invitation: bytes | None, batch: RelayBatch) -> bool:
        """Whether an invitation lets in who brings it; the batch then holds that it was used."""
        if self._registration is not Registration.INVITATION or invitation is None:
            return False
        digest = invitation_digest(invitation)
        if not self._store.invited(digest, self._clock.wall_ms()):
            return False
        batch.invitation_used(digest)
        return True


def invitation_digest(invitation: bytes) -> bytes:
    """What is kept of an invitation."""
    return blake2b(invitation, digest_size=32, person=b"SakyaInvitation").digest()
