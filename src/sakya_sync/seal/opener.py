"""Opening sealed records. Spec: docs/protocol.md#sealing; vectors/seal/sr1.json."""

from hmac import compare_digest

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as aead_decrypt
from nacl.exceptions import CryptoError

from sakya_sync.errors import RecordRejected
from sakya_sync.ids import RoomId
from sakya_sync.seal.inner import Opened, decode_inner
from sakya_sync.seal.keys import EpochSecret, kind_key, record_key
from sakya_sync.seal.sealed import Sealed


def open_sealed(sealed: Sealed, secret: EpochSecret, room: RoomId) -> Opened:
    """Check the commitment, then decrypt, then unpack.

    Who made the record is not asked here: check its signature and its place in the chain first.

    Raises: RecordRejected, with the same words whatever was wrong.
    """
    opened = _open(sealed, secret, room)
    if opened is None:
        raise RecordRejected("does not open")
    return opened


def _open(sealed: Sealed, secret: EpochSecret, room: RoomId) -> Opened | None:
    context = sealed.context(room)
    key, commitment = record_key(kind_key(secret, sealed.kind, room), context)
    if not compare_digest(commitment, sealed.commitment):
        return None
    try:
        return decode_inner(aead_decrypt(sealed.box, context, sealed.nonce, key))
    except (CryptoError, RecordRejected):
        return None
