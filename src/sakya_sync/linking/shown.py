"""The handshake of a shown code: X25519, and the secret that only eyes and cameras see.

    h0 = SHA256("SakyaLink/1" || u16 length || P);   h1 = SHA256(h0 || scanning device's share)
    prk = HKDF-Extract(salt = optical secret, X25519(scanning share, showing share))

The scanning device answers (M1); the code it then shows is typed on the showing one.
Spec: docs/protocol.md#linking; vectors/linking/handshake.json.
"""

from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from sakya_sync.errors import LinkingError
from sakya_sync.linking.greeting import Met, Proof, Step, extract
from sakya_sync.linking.payload import SHARE_BYTES, Payload


def share_of(secret: bytes) -> bytes:
    """The public half of a device's 32 random bytes for one linking."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


class Showing:
    """The device that shows the code."""

    def __init__(self, payload: Payload, secret: bytes) -> None:
        """Args: secret: the one behind the payload's share."""
        self._payload = payload
        self._secret = secret

    def begin(self) -> bytes | None:
        """Nothing: it waits to be scanned."""
        return None

    def take(self, message: bytes) -> Step:
        """M1 comes, M2 goes. Raises LinkingError."""
        share = message[:SHARE_BYTES]
        proof = _proof(self._payload, self._secret, share, share)
        proof.check_first(message, self._payload.intent, SHARE_BYTES)
        answer = proof.second()
        return Step(answer, Met(proof.channel(answering=False), proof.check_code()))

    def wipe(self) -> None:
        """Forget the secret."""
        self._secret = b""


class Scanning:
    """The device that has scanned it, or had it pasted."""

    def __init__(self, payload: Payload, secret: bytes) -> None:
        """Args: secret: 32 random bytes for this linking alone. Raises LinkingError."""
        self._intent = payload.intent
        self._share = share_of(secret)
        self._proof: Proof | None = _proof(payload, secret, payload.share, self._share)

    def begin(self) -> bytes | None:
        """M1."""
        assert self._proof is not None
        return self._proof.first(self._intent, self._share)

    def take(self, message: bytes) -> Step:
        """M2 comes, and with it the check code to show. Raises LinkingError."""
        proof = self._proof
        assert proof is not None
        proof.check_second(message)
        return Step(None, Met(proof.channel(answering=True), proof.check_code(), shows_code=True))

    def wipe(self) -> None:
        """Forget the keys."""
        self._proof = None


def _proof(payload: Payload, secret: bytes, peer: bytes, scanned: bytes) -> Proof:
    encoded = payload.encode()
    h0 = sha256(b"SakyaLink/1" + len(encoded).to_bytes(2, "big") + encoded).digest()
    agreed = _agree(secret, peer)
    return Proof(extract(payload.optical, agreed), sha256(h0 + scanned).digest())


def _agree(secret: bytes, peer: bytes) -> bytes:
    """X25519, which refuses points of small order. Raises LinkingError."""
    try:
        public = X25519PublicKey.from_public_bytes(peer)
        return X25519PrivateKey.from_private_bytes(secret).exchange(public)
    except ValueError:
        raise LinkingError("a share that is no key") from None
