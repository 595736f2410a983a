"""The one module that touches Loro.

Loro's binding raises bare `BaseException`s and panics that `except Exception` misses, so every call
goes through `guarded`, which lets through only what is meant to end a program. A panic poisons
Loro's document for good; it is then rebuilt at once from what it was made of, without what broke
it. Not to be shared between threads.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, TypeAlias, TypeVar

from loro import (
    ID,
    CounterSpan,
    Diff,
    EncodedBlobMode,
    ExportMode,
    Frontiers,
    IdSpan,
    LoroDoc,
    TextDelta,
)

from sakya_sync.errors import DocumentPoisoned, SakyaError, UpdateInvalid
from sakya_sync.ids import PeerId
from sakya_sync.record import versions
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.replica.commits import COMMIT_SECONDS, Commit, Stamp
from sakya_sync.replica.steps import Delete, Insert, Retain, Step

T = TypeVar("T")

LoroDocument: TypeAlias = LoroDoc
"""What `Document.edit` gives: for annotations elsewhere, which may not import Loro."""

BODY: Final = "body"
VERSIONS: Final = "versions"

_BEGINNING: Final = b"\0"
"""The frontier of a document that nothing was written in."""

# What ends a program, a task or a generator is never Loro's; asyncio's is known by its name, since
# nothing below the line imports asyncio.
_PASSED = (KeyboardInterrupt, SystemExit, GeneratorExit)
_CANCELLED = "CancelledError"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    changed: bool
    """Whether the document has operations that it did not have before."""
    pending: bool
    """Whether some wait for others that have not come yet."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one edit added to a document."""

    update: bytes
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one version to another."""

    steps: list[Step]
    """In the text."""
    maps: dict[str, dict[str, Any]]
    """In root maps: by root and key, the new value, None for a key that is gone."""


class Document:
    """A Loro document under one peer id.

    Where Loro breaks, DocumentPoisoned is raised, and the document is as it was before the call or
    the edit.
    """

    __slots__ = ("_awaited", "_doc", "_parts", "_written", "peer")

    def __init__(self, peer: PeerId, snapshot: bytes = b"") -> None:
        """Empty, or from a snapshot that this device made. Raises UpdateInvalid."""
        self.peer = peer
        self._awaited = versions.EMPTY
        # What the document is made of, to be rebuilt from: updates in an order that works.
        self._parts: list[bytes] = []
        self._written: list[Written] = []
        self._doc = self._empty()
        if snapshot:
            self.import_update(snapshot)

    # Reading.

    def version(self) -> VersionVector:
        """How far the document has come with each peer."""
        return versions.decode(self._call(lambda: bytes(self._doc.oplog_vv.encode())))

    def frontier(self) -> bytes:
        """The operations without successor, encoded; compare by `version_at`, not as bytes."""
        return self._call(lambda: bytes(self._doc.oplog_frontiers.encode()))

    def version_at(self, frontier: bytes) -> VersionVector:
        """The version that a frontier of this document stands for. Raises UpdateInvalid."""

        def find() -> bytes:
            found = self._doc.frontiers_to_vv(Frontiers.decode(frontier))
            if found is None:
                raise UpdateInvalid("an unknown frontier")
            return bytes(found.encode())

        return versions.decode(self._call(find, error=UpdateInvalid))

    def text(self, name: str = BODY) -> str:
        """A text of the document as it is now."""
        return self._call(lambda: self._doc.get_text(name).to_string())

    def text_at(self, frontier: bytes, name: str = BODY) -> str:
        """A text as it was at a frontier. Raises UpdateInvalid."""
        return self._call(lambda: self._fork(frontier).get_text(name).to_string())

    def map_get(self, root: str, key: str) -> Any:
        """A value of a root map; None when it is not there."""
        found: Any = self._call(lambda: self._doc.get_map(root).get(key))
        return None if found is None else found.value

    def map_items(self, root: str) -> dict[str, Any]:
        """All values of a root map."""
        found: Any = self._call(lambda: self._doc.get_map(root).get_value())
        return dict(found)

    def deep_value(self) -> dict[str, Any]:
        """Everything the document holds, as plain values."""
        value: Any = self._call(self._doc.get_deep_value)
        return dict(value)

    def content_hash(self) -> bytes:
        """32 bytes that are equal when two documents hold the same, whatever their history."""
        digest = blake2b(digest_size=32, person=b"SakyaContent1")
        # Reading a root container makes it; one that is empty says nothing.
        for part in _canonical({key: item for key, item in self.deep_value().items() if item}):
            digest.update(part)
        return digest.digest()

    @property
    def waits(self) -> bool:
        """Whether updates have come that need others first; a snapshot would leave them out."""
        return not self.version().includes(self._awaited)

    # The past.

    def commits(self) -> list[Commit]:
        """Everything that was ever committed, causes before what follows from them."""
        found: list[Commit] = []
        for peer, end in self.version().items():
            counter = 0
            while counter < end:
                commit = self._call(self._commit_at, peer, counter)
                if commit is None:
                    break
                found.append(commit)
                counter = commit.span.end
        found.sort(key=lambda commit: (commit.lamport, commit.span.peer))
        return found

    def frontier_of(self, version: VersionVector) -> bytes:
        """The frontier that stands for a version of this document."""
        known = _loro_version(version)
        return self._call(lambda: bytes(self._doc.vv_to_frontiers(known).encode()))

    def at(self, frontier: bytes) -> "Document":
        """The document as it was at a frontier; for reading only. Raises UpdateInvalid."""
        fork = Document(self.peer)
        fork._doc = self._call(lambda: self._fork(frontier), error=UpdateInvalid)
        return fork

    def walk(self, frontiers: Iterable[bytes]) -> Iterator[Difference]:
        """From the beginning through versions of the document; what changes at each step.

        Raises UpdateInvalid.
        """
        fork = Document(self.peer)
        fork._doc = self._call(self._doc.fork)
        told: list[Any] = []
        fork._call(fork._doc.checkout, Frontiers.decode(_BEGINNING))
        watched = fork._call(fork._doc.subscribe_root, told.append)
        for frontier in frontiers:
            fork._call(
                lambda: fork._doc.checkout(Frontiers.decode(frontier)),  # noqa: B023
                error=UpdateInvalid,
            )
            found = Difference([], {})
            for change in (change for event in told for change in event.events):
                root = getattr(change.target, "name", None)
                if isinstance(change.diff, Diff.Text) and root == BODY:
                    found.steps.extend(map(_step, change.diff.diff))
                elif isinstance(change.diff, Diff.Map) and root is not None:
                    found.maps[root] = {
                        key: getattr(value, "value", None)
                        for key, value in change.diff.diff.updated.items()
                    }
            told.clear()
            yield found
        del watched

    # Changing.

    @contextmanager
    def edit(self, stamp: Stamp | None = None) -> Iterator[LoroDoc]:
        """Loro's own document, for any change; committed when the block ends, also by an error.

        Args: stamp: when this is, for the history; without it the change has no time.

        Keep no reference to it, and none to what it gives, beyond the block.
        """
        before = self.version()
        doc = self._doc
        try:
            yield doc
        finally:
            self._call(self._commit, doc, stamp)
            if self._doc is not doc:
                raise DocumentPoisoned("it broke during the edit, which is undone")
            self._note(before)

    def written(self) -> list[Written]:
        """What edits have added, in order; forgets it."""
        taken, self._written = self._written, []
        return taken

    def apply_steps(self, steps: Iterable[Step], name: str = BODY) -> None:
        """Change a text by steps from how it is now."""
        self._call(self._apply, self._doc, steps, name)

    def map_set(self, root: str, key: str, value: Any) -> None:
        """Set a value of a root map."""
        self._call(lambda: self._doc.get_map(root).insert(key, value))

    def map_delete(self, root: str, key: str) -> None:
        """Remove a value of a root map, if it is there."""

        def delete() -> None:
            held = self._doc.get_map(root)
            if held.get(key) is not None:
                held.delete(key)

        self._call(delete)

    def edit_at(
        self,
        frontier: bytes,
        peer: PeerId,
        change: Callable[["Document"], None],
        stamp: Stamp | None = None,
    ) -> bytes:
        """Make a change to the document as it was at a frontier, and merge it.

        Args:
            peer: a fresh one: operations on an old version cannot continue this replica's own.
            stamp: when this is, for the history.

        Returns: the frontier right after the change, before the merge.
        Raises: UpdateInvalid for a frontier of another document.
        """
        before = self.version()
        fork = Document(peer)
        fork._doc = self._call(lambda: self._fork(frontier), error=UpdateInvalid)
        fork._call(setattr, fork._doc, "peer_id", peer)
        old = fork.version()
        change(fork)
        fork._call(self._commit, fork._doc, stamp)
        self._call(self._doc.import_, fork.export_since(old))
        self._note(before)
        return fork.frontier()

    def import_update(self, update: bytes) -> Imported:
        """Merge an update or a snapshot. Raises UpdateInvalid, and then nothing was merged."""
        return self._import(lambda: self._doc.import_(update), (update,))

    def import_all(self, updates: Sequence[bytes]) -> Imported:
        """Merge several at once; faster than one by one. Raises UpdateInvalid."""
        return self._import(lambda: self._doc.import_batch(list(updates)), updates)

    # Exporting.

    def export_since(self, version: VersionVector) -> bytes:
        """The operations that a replica at `version` lacks."""
        known = _loro_version(version)
        return self._call(lambda: bytes(self._doc.export(ExportMode.Updates(known))))

    def export_span(self, span: Span) -> bytes:
        """One peer's operations from start to end; all of them must be here."""
        wanted = IdSpan(span.peer, CounterSpan(span.start, span.end))
        return self._call(lambda: bytes(self._doc.export(ExportMode.UpdatesInRange([wanted]))))

    def export_snapshot(self) -> bytes:
        """Everything, with its history."""
        return self._call(lambda: bytes(self._doc.export(ExportMode.Snapshot())))

    def rebase(self) -> bytes:
        """The same as `export_snapshot`; from here on, it is what this document is rebuilt from.

        Only while nothing `waits`: a snapshot leaves that out.
        """
        snapshot = self.export_snapshot()
        self._parts = [snapshot]
        return snapshot

    # Inside.

    def _call(
        self,
        function: Callable[..., T],
        *arguments: Any,
        error: type[SakyaError] = DocumentPoisoned,
    ) -> T:
        try:
            return guarded(lambda: function(*arguments), error)
        except DocumentPoisoned:
            self._rebuild()
            raise

    def _empty(self) -> LoroDoc:
        doc = guarded(LoroDoc)
        guarded(lambda: setattr(doc, "peer_id", self.peer))
        guarded(lambda: doc.set_change_merge_interval(COMMIT_SECONDS))
        return doc

    def _rebuild(self) -> None:
        doc = self._empty()
        for part in self._parts:
            guarded(lambda: doc.import_(part))  # noqa: B023
        self._doc = doc

    def _note(self, before: VersionVector) -> None:
        """Remember what was just written."""
        after = self.version()
        spans = tuple(
            Span(peer, start, end)
            for peer, end in after.items()
            if end > (start := before.get(peer))
        )
        if spans:
            update = self.export_since(before)
            self._parts.append(update)
            self._written.append(Written(update, spans))

    @staticmethod
    def _commit(doc: LoroDoc, stamp: Stamp | None) -> None:
        if stamp is not None:
            doc.set_next_commit_timestamp(stamp.at_s)
            doc.set_next_commit_message(stamp.message)
        doc.commit()

    def _commit_at(self, peer: PeerId, counter: int) -> Commit | None:
        change = self._doc.get_change(ID(peer, counter))
        if change is None:
            return None
        return Commit(
            Span(peer, change.id.counter, change.id.counter + change.len),
            change.lamport,
            Stamp.read(change.timestamp, change.message),
            self._version_before(change.deps),
        )

    def _version_before(self, deps: Frontiers) -> VersionVector:
        found = self._doc.frontiers_to_vv(deps)
        return versions.EMPTY if found is None else versions.decode(bytes(found.encode()))

    def _fork(self, frontier: bytes) -> LoroDoc:
        return self._doc.fork_at(Frontiers.decode(frontier))

    def _import(self, run: Callable[[], Any], updates: Sequence[bytes]) -> Imported:
        before = self.version()
        try:
            status = self._call(run, error=UpdateInvalid)
            if any(map(_is_snapshot, updates)):
                # Loro decodes the state in a snapshot when it is first read.
                self._call(self._doc.get_deep_value)
        except DocumentPoisoned as poisoned:
            raise UpdateInvalid(poisoned.details["detail"]) from None
        self._parts.extend(updates)
        if status.pending:
            for span in (span for update in updates for span in spans_of(update)):
                self._awaited = self._awaited.advance(span.peer, span.end)
        return Imported(self.version() != before, bool(status.pending))

    @staticmethod
    def _apply(doc: LoroDoc, steps: Iterable[Step], name: str) -> None:
        delta: list[TextDelta] = []
        for step in steps:
            match step:
                case Retain(count):
                    delta.append(TextDelta.Retain(count, None))
                case Insert(text):
                    delta.append(TextDelta.Insert(text, None))
                case Delete(count):
                    delta.append(TextDelta.Delete(count))
        if delta:
            doc.get_text(name).apply_delta(delta)


def spans_of(update: bytes) -> tuple[Span, ...]:
    """Which operations an update really holds, sorted by peer. Raises UpdateInvalid."""

    def read() -> tuple[bytes, bytes]:
        meta = LoroDoc.decode_import_blob_meta(update, True)
        return bytes(meta.partial_start_vv.encode()), bytes(meta.partial_end_vv.encode())

    start_bytes, end_bytes = guarded(read, UpdateInvalid, panic=UpdateInvalid)
    start, end = versions.decode(start_bytes), versions.decode(end_bytes)
    return tuple(
        Span(peer, start.get(peer), counter)
        for peer, counter in end.items()
        if counter > start.get(peer)
    )


def genesis_update(peer: PeerId, text: str) -> bytes:
    """The first operations of a text file's document, the same on every device."""
    document = Document(peer)
    with document.edit():
        document.apply_steps([Insert(text)])
    return document.export_since(versions.EMPTY)


def genesis_opaque(peer: PeerId, version_id: str, content: bytes) -> bytes:
    """The first operation of an opaque file's document, the same on every device."""
    document = Document(peer)
    with document.edit():
        document.map_set(VERSIONS, version_id, content)
    return document.export_since(versions.EMPTY)


def _step(delta: Any) -> Step:
    match delta:
        case TextDelta.Retain(retain=count):
            return Retain(count)
        case TextDelta.Insert(insert=text):
            return Insert(text)
        case TextDelta.Delete(delete=count):
            return Delete(count)
    raise UpdateInvalid("a difference of an unknown kind")


def _is_snapshot(update: bytes) -> bool:
    mode = guarded(lambda: LoroDoc.decode_import_blob_meta(update, False).mode)
    return mode in (EncodedBlobMode.Snapshot, EncodedBlobMode.ShallowSnapshot)


def _loro_version(version: VersionVector) -> Any:
    from loro import VersionVector as LoroVersion

    return LoroVersion.decode(versions.encode(version))


def guarded(
    function: Callable[[], T],
    error: type[SakyaError] = DocumentPoisoned,
    panic: type[SakyaError] = DocumentPoisoned,
) -> T:
    """What a call of Loro's gives; whatever it raises, as an error of ours."""
    try:
        return function()
    except (SakyaError, *_PASSED):
        raise
    except BaseException as caught:
        if type(caught).__name__ == _CANCELLED:
            raise
        # A panic poisons the document, whatever was asked of it.
        raised = panic if type(caught).__name__ == "PanicException" else error
        raise raised(str(caught)[:200]) from None


def _canonical(value: Any) -> Iterator[bytes]:
    """A prefix-free encoding with keys in order."""
    match value:
        case dict():
            yield b"{%d;" % len(value)
            for key in sorted(value):
                yield from _canonical(key)
                yield from _canonical(value[key])
        case list():
            yield b"[%d;" % len(value)
            for item in value:
                yield from _canonical(item)
        case bytes():
            yield b"b%d;" % len(value) + value
        case str():
            encoded = value.encode()
            yield b"s%d;" % len(encoded) + encoded
        case _:
            yield b"v" + repr(value).encode() + b";"
