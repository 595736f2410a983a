"""Which epochs a subject has: what its statements add up to.

An epoch counts when someone entitled began it and it follows one that counts, so nobody jumps
ahead. The *current* one, that new records are sealed under, must have been begun by someone who is
entitled now: a removed admin cannot make members seal under a key it chose. Older epochs stay
readable whatever became of those who began them. Spec: docs/protocol.md#access.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sakya_sync.access.certificates import NOTHING
from sakya_sync.access.epochs import Envelopes, EpochStatement
from sakya_sync.access.members import Members
from sakya_sync.ids import KeyId, PublicKey, SealingKey, SubjectId


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch that counts."""

    number: int
    key_id: KeyId
    previous: bytes
    envelopes: Envelopes
    """From all statements that may hand out this key. A recipient can have several, and some may
    not open: try them all."""

    def recipients(self) -> frozenset[PublicKey]:
        """Everybody it was sealed to."""
        return frozenset(recipient for recipient, _ in self.envelopes)


@dataclass(frozen=True, slots=True)
class EpochLog:
    """The answers for one subject, one set of statements and one set of certificates."""

    subject: SubjectId
    epochs: tuple[Epoch, ...]
    """Those whose keys are to be opened and kept, by number, then key id."""
    current: Epoch | None
    """What to seal under: by this key id, not by the highest number in a key ring."""
    first: Epoch | None
    """The epoch 0 that `current` descends from; names and genesis keys come from its secret."""
    next_number: int
    next_previous: bytes
    """What a statement that begins the next epoch has to say."""
    entitled: tuple[tuple[PublicKey, SealingKey], ...]

    @property
    def stale(self) -> bool:
        """Whether an admin should begin a new epoch: someone holds the key who may not read."""
        if self.current is None or self.current.number + 1 != self.next_number:
            return True
        return not self.current.recipients() <= {recipient for recipient, _ in self.entitled}

    def unserved(self, epoch: Epoch) -> list[tuple[PublicKey, SealingKey]]:
        """Who may read, and has no envelope for that epoch: any member with its key can help."""
        served = epoch.recipients()
        return [entry for entry in self.entitled if entry[0] not in served]

    def envelopes_for(self, recipient: PublicKey) -> list[tuple[Epoch, bytes]]:
        """The envelopes a device should try to open, oldest epoch first."""
        return [
            (epoch, envelope)
            for epoch in self.epochs
            for key, envelope in epoch.envelopes
            if key == recipient
        ]


def resolve(subject: SubjectId, statements: Iterable[EpochStatement], members: Members) -> EpochLog:
    """Work out the epochs of `subject`, from statements in any order; others' are ignored."""
    ours = [statement for statement in statements if statement.subject == subject]
    begun = _begun(subject, ours, members)
    live = [item for item in begun.values() if members.administers(subject, item.issuer)]
    now = min(live, key=_precedence, default=None)
    entitled = tuple(members.recipients(subject))
    tip = min(
        begun.values(), key=lambda item: (-item.epoch, item is not now, item.digest), default=None
    )

    epochs: dict[tuple[int, KeyId, bytes], Epoch] = {}
    if now is not None:
        counted = {item.same_epoch for item in begun.values() if item.epoch <= now.epoch}
        sources = [item for item in ours if _may_hand_out(item, members)]
        epochs = {same: _epoch(same, sources) for same in sorted(counted)}
    first = now
    while first is not None and first.epoch > 0:
        first = begun[first.previous]
    return EpochLog(
        subject=subject,
        epochs=tuple(epochs.values()),
        current=None if now is None else epochs[now.same_epoch],
        first=None if first is None else epochs[first.same_epoch],
        next_number=0 if tip is None else tip.epoch + 1,
        next_previous=NOTHING if tip is None else tip.digest,
        entitled=entitled,
    )


def _begun(
    subject: SubjectId, ours: Iterable[EpochStatement], members: Members
) -> dict[bytes, EpochStatement]:
    """By digest, the beginnings that follow one another without a gap from an epoch 0."""
    begun: dict[bytes, EpochStatement] = {}
    for item in sorted(ours, key=lambda item: item.epoch):
        follows = item.epoch == 0 or (
            item.previous in begun and begun[item.previous].epoch == item.epoch - 1
        )
        if follows and members.administered_once(subject, item.issuer):
            begun[item.digest] = item
    return begun


def _precedence(item: EpochStatement) -> tuple[int, bool, bytes, bytes]:
    """The highest number first; of several, the subject's own, then the lowest key id."""
    return (-item.epoch, item.issuer != item.subject, item.key_id, item.digest)


def _may_hand_out(item: EpochStatement, members: Members) -> bool:
    return members.administered_once(item.subject, item.issuer) or members.may_read(
        item.subject, item.issuer
    )


def _epoch(same: tuple[int, KeyId, bytes], sources: Iterable[EpochStatement]) -> Epoch:
    envelopes = {entry for item in sources if item.same_epoch == same for entry in item.envelopes}
    number, key, previous = same
    return Epoch(number, key, previous, tuple(sorted(envelopes)))
