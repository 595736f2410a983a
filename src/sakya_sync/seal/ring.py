"""A subject's epoch secrets. Spec: docs/protocol.md#sealing."""

from collections.abc import Iterable, Iterator
from typing import Final

from sakya_sync.errors import RecordError
from sakya_sync.ids import KeyId
from sakya_sync.seal.keys import SECRET_BYTES, EpochSecret, key_id

EPOCHS_MAX: Final = 65_535

_ENTRY_BYTES = 4 + SECRET_BYTES


class KeyRing:
    """Every epoch secret of one subject that this device has learned; never changes.

    Two admins may begin the same epoch at once, so an epoch can have several secrets: what to
    seal under is told by the epoch log, and looked up here by key id.
    """

    __slots__ = ("_by_id",)

    def __init__(self, secrets: Iterable[tuple[int, EpochSecret]] = ()) -> None:
        """From epochs and their secrets, in the order they were learned."""
        self._by_id: dict[KeyId, tuple[int, EpochSecret]] = {}
        for epoch, secret in secrets:
            assert 0 <= epoch < 2**32
            self._by_id.setdefault(key_id(secret), (epoch, secret))
        assert len(self._by_id) <= EPOCHS_MAX

    def with_secret(self, epoch: int, secret: EpochSecret) -> "KeyRing":
        """With one more; itself, if it has that one already."""
        if key_id(secret) in self._by_id:
            return self
        return KeyRing([*self._by_id.values(), (epoch, secret)])

    def by_id(self, key: KeyId) -> EpochSecret | None:
        """The secret of that name, if this device has it."""
        entry = self._by_id.get(key)
        return None if entry is None else entry[1]

    @property
    def current(self) -> tuple[int, EpochSecret] | None:
        """The highest epoch's; of several, the one learned first."""
        return max(self._by_id.values(), key=lambda entry: entry[0], default=None)

    @property
    def first(self) -> EpochSecret | None:
        """Epoch 0's, which genesis keys and room names come from; the one learned first."""
        return next((secret for epoch, secret in self._by_id.values() if epoch == 0), None)

    def __iter__(self) -> Iterator[tuple[int, EpochSecret]]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, key: object) -> bool:
        return key in self._by_id

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyRing):
            return NotImplemented
        return list(self) == list(other)

    def __hash__(self) -> int:
        return hash(frozenset(self._by_id))

    def __repr__(self) -> str:
        return f"KeyRing({[(epoch, key.decode()) for key, (epoch, _) in self._by_id.items()]})"

    def encode(self) -> bytes:
        """For the vault: 2 bytes, and 36 for each secret."""
        entries = [epoch.to_bytes(4, "little") + bytes(secret) for epoch, secret in self]
        return len(entries).to_bytes(2, "little") + b"".join(entries)

    @staticmethod
    def decode(encoded: bytes) -> "KeyRing":
        """Raises RecordError."""
        count = int.from_bytes(encoded[:2], "little")
        if len(encoded) != 2 + count * _ENTRY_BYTES:
            raise RecordError("a key ring's length")
        ring = KeyRing(
            (
                int.from_bytes(encoded[at : at + 4], "little"),
                EpochSecret(encoded[at + 4 : at + _ENTRY_BYTES]),
            )
            for at in range(2, len(encoded), _ENTRY_BYTES)
        )
        if len(ring) != count:
            raise RecordError("a key ring with a secret twice")
        return ring
