"""An invitation to begin an account at a relay, kept until the relay has used it."""

from sakya_sync.access.payload import INVITATION_BYTES
from sakya_sync.client.device import INVITATION_KEY, STATE_FILE
from sakya_sync.client.home import Home
from sakya_sync.errors import AccountMissing, InvitationInvalid
from sakya_sync.ids import decode_id
from sakya_sync.store.device.batch import Batch
from sakya_sync.store.device.store import DeviceStore


def read_invitation(word: str) -> bytes:
    """What is sent to the relay. Raises InvitationInvalid."""
    invitation = decode_id(word.strip())
    if len(invitation) != INVITATION_BYTES:
        raise InvitationInvalid
    return invitation


def keep_invitation(home: Home, invitation: bytes) -> None:
    """Bring it along at every connection from now on. Raises AccountMissing."""
    if not home.vault.exists():
        raise AccountMissing
    store = DeviceStore(home.account / STATE_FILE)
    try:
        batch = Batch()
        batch.meta(INVITATION_KEY, invitation)
        store.write(batch)
    finally:
        store.close()
