"""Plain `%ELO` rooms: records that clients encrypted by their own rules, indexed by what they say.

Nothing proves what a header says. So what it covers is kept for a while, and deltas that were
covered are still served while they are there. Spec: docs/protocol.md#plain.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

from sakya_sync.errors import RecordError
from sakya_sync.ids import PeerId
from sakya_sync.limits import UPDATE_BYTES_UNFRAGMENTED_MAX
from sakya_sync.record import versions
from sakya_sync.record.container import pack, pack_all, unpack
from sakya_sync.record.coverage import Coverage
from sakya_sync.record.foreign import ForeignDelta, ForeignRecord, ForeignSnapshot, parse
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.session.rooms.plain import Entry, Taken, VersionUnknown, Welcome
from sakya_sync.wire.messages import AckStatus

UNVERSIONED_SNAPSHOTS_MAX: Final = 16
"""Snapshots that say nothing of what they hold can't cover one another: the last so many stay."""
RETIRED_SNAPSHOTS_MAX: Final = 2
_NONCE_BYTES: Final = 16
_DIGEST_BYTES: Final = 8


class EncryptedRoom:
    """`plain.LogRoom`."""

    stored = True

    def __init__(self) -> None:
        self._next = 0
        self._coverage = Coverage()
        self._nonces: dict[bytes, bytes] = {}
        # Spans in order for each peer, with the numbers of their entries: those not yet covered.
        self._spans: dict[PeerId, list[tuple[int, int, int]]] = {}
        # Covered, and served as long as they are kept.
        self._covered: dict[int, Span] = {}
        self._nameless: list[int] = []
        self._snapshots: dict[int, VersionVector] = {}
        self._unversioned: list[int] = []
        self._retired_snapshots: dict[int, VersionVector] = {}

    def restore(self, entries: Iterable[Entry], marks: Iterable[bytes]) -> None:
        """Begin from what is kept."""
        for entry in entries:
            self._index(entry.number, parse(entry.body), retired=entry.retired)
            self._next = entry.number + 1
        for mark in marks:
            self._nonces[mark[:_NONCE_BYTES]] = mark[_NONCE_BYTES:]

    def welcome(self, version: bytes, now: float) -> Welcome | VersionUnknown:  # noqa: ARG002
        """Every record that says it reaches past the version."""
        answer = versions.encode(self._coverage.version())
        try:
            known = versions.decode(version) if version else versions.EMPTY
        except RecordError:
            return VersionUnknown(answer)
        numbers = [*self._nameless, *self._unversioned]
        for peer, spans in self._spans.items():
            held = known.get(peer)
            numbers += [number for _, end, number in spans if end > held]
        numbers += [n for n, span in self._covered.items() if span.end > known.get(span.peer)]
        latest = list(self._retired_snapshots.items())[-1:]
        for number, reached in (*self._snapshots.items(), *latest):
            if not known.includes(reached):
                numbers.append(number)
        return Welcome(answer, stored=tuple(sorted(numbers)))

    def take(self, updates: Sequence[bytes], now: float) -> Taken:  # noqa: ARG002
        """Take a batch in. No two records may have one iv under one key id, unless they are one."""
        try:
            containers = [[parse(raw) for raw in unpack(update)] for update in updates]
        except RecordError:
            return Taken(AckStatus.INVALID_UPDATE)
        marks: dict[bytes, bytes] = {}
        for record in (record for records in containers for record in records):
            digest = blake2b(record.raw, digest_size=_DIGEST_BYTES).digest()
            known = marks.get(record.nonce) or self._nonces.get(record.nonce)
            if known is not None and known != digest:
                return Taken(AckStatus.INVALID_UPDATE)
            if known is None:
                marks[record.nonce] = digest
        store: list[bytes] = []
        forward: list[bytes] = []
        retire: list[int] = []
        drop: list[int] = []
        fresh = set(marks)
        for update, records in zip(updates, containers, strict=True):
            new = [record for record in records if self._is_new(record, fresh)]
            for record in new:
                retire += self._cover(record)
                self._index(self._next, record, retired=False)
                self._next += 1
                drop += self._surplus()
            store += [record.raw for record in new]
            if new:
                forward.append(update if len(new) == len(records) else pack([r.raw for r in new]))
        self._nonces.update(marks)
        return Taken(
            AckStatus.OK,
            tuple(store),
            tuple(forward),
            tuple(retire),
            tuple(drop),
            tuple(nonce + digest for nonce, digest in marks.items()),
        )

    def pack(self, entries: Iterable[bytes]) -> list[bytes]:
        """In containers."""
        return pack_all(entries, UPDATE_BYTES_UNFRAGMENTED_MAX)

    def _is_new(self, record: ForeignRecord, fresh: set[bytes]) -> bool:
        if record.nonce not in fresh:
            return False
        fresh.discard(record.nonce)
        # Stock clients send a snapshot of what the relay has at each join that brings nothing else.
        return not (
            isinstance(record, ForeignSnapshot)
            and len(record.version)
            and record.version in self._snapshots.values()
        )

    def _index(self, number: int, record: ForeignRecord, *, retired: bool) -> None:
        match record:
            case ForeignDelta(span=None):
                self._nameless.append(number)
            case ForeignDelta(span=Span() as span):
                self._coverage.add(span)
                if retired:
                    self._covered[number] = span
                else:
                    spans = self._spans.setdefault(span.peer, [])
                    insort(spans, (span.start, span.end, number))
            case ForeignSnapshot(version=version):
                for peer, end in version.items():
                    self._coverage.add(Span(peer, 0, end))
                if retired:
                    self._retired_snapshots[number] = version
                elif len(version):
                    self._snapshots[number] = version
                else:
                    self._unversioned.append(number)

    def _cover(self, record: ForeignRecord) -> list[int]:
        """Retire what a new record says it holds as well."""
        match record:
            case ForeignDelta(span=Span() as span):
                return self._cover_spans(span)
            case ForeignSnapshot(version=version) if len(version):
                covered = [
                    number
                    for peer, end in version.items()
                    for number in self._cover_spans(Span(peer, 0, end))
                ]
                older = {n: held for n, held in self._snapshots.items() if version.includes(held)}
                for number in older:
                    del self._snapshots[number]
                self._retired_snapshots.update(older)
                return [*covered, *older]
            case _:
                return []

    def _cover_spans(self, by: Span) -> list[int]:
        spans = self._spans.get(by.peer)
        if not spans or spans[-1][0] < by.start:
            # What is written goes on from what was written: nothing lies behind it.
            return []
        inside = [item for item in spans if by.start <= item[0] and item[1] <= by.end]
        if inside:
            gone = set(inside)
            self._spans[by.peer] = [item for item in spans if item not in gone]
            for start, end, number in inside:
                self._covered[number] = Span(by.peer, start, end)
        return [number for _, _, number in inside]

    def _surplus(self) -> list[int]:
        """Entries that are not worth a grace period."""
        drop = self._unversioned[:-UNVERSIONED_SNAPSHOTS_MAX]
        del self._unversioned[: len(drop)]
        old = list(self._retired_snapshots)[:-RETIRED_SNAPSHOTS_MAX]
        for number in old:
            del self._retired_snapshots[number]
        return drop + old
