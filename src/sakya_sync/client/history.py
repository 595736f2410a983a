"""A project's history as this device knows it: who wrote what when, and every state it was in.

Only reads; nothing here asks the relay.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from operator import itemgetter
from unicodedata import normalize

from sakya_sync.client.device import DEVICES
from sakya_sync.client.filestate import FileState, content_of, differing
from sakya_sync.client.names import HOME, SNAPSHOTS, STRUCTURE
from sakya_sync.client.subject_rooms import SubjectRooms
from sakya_sync.errors import UpdateInvalid
from sakya_sync.files.folder import Folder
from sakya_sync.history.effort import Piece, attribute, effort
from sakya_sync.history.honest import Dated
from sakya_sync.history.past import Past
from sakya_sync.history.sessions import Sessions, together
from sakya_sync.history.snapshots import Kind, Snapshot, read_snapshots
from sakya_sync.history.timeline import Chapter, Did, FileWork, Pin, Timeline
from sakya_sync.history.version import ProjectVersion
from sakya_sync.history.words import count_words, layout_of
from sakya_sync.ids import AuthorId, FileId, PeerId, decode_id, encode_id
from sakya_sync.mapping import chapters
from sakya_sync.mapping.content import Kind as FileKind
from sakya_sync.mapping.content import TooLarge, read_content
from sakya_sync.mapping.rendering import render_paths
from sakya_sync.mapping.structure import DELETED, PATH, Entry, read_structure
from sakya_sync.record import versions
from sakya_sync.replica.document import Document
from sakya_sync.replica.steps import apply_steps


@dataclass(frozen=True, slots=True)
class Written:
    """Who wrote something, and when."""

    author: str
    at_s: int
    utc_offset_minutes: int


@dataclass(frozen=True, slots=True)
class _Move:
    """Something that happened to a file's entry."""

    file: FileId
    did: Did
    path: str
    old_path: str | None
    dated: Dated


class History:
    """See the module; as of when it was made."""

    def __init__(
        self, rooms: SubjectRooms, account: SubjectRooms, folder: Folder, zone: tzinfo
    ) -> None:
        """
        Args:
            account: where the names of the account's devices are.
            folder: the project's.
            zone: where the writer is.
        """
        self.now_ms = rooms.clock.wall_ms()
        self.zone = zone
        self._rooms = rooms
        self._account = account
        self._folder = folder
        self._now_s = self.now_ms // 1000
        self._pasts: dict[FileId, Past] = {}

    # Versions.

    def now(self) -> ProjectVersion:
        """What the documents hold now."""
        structure = self._structure.frontier()
        return ProjectVersion(
            structure,
            _Bodies(self._entries(structure), lambda file: self._body(file).frontier()),
        )

    def at(self, at_s: int) -> ProjectVersion:
        """What the project was at a moment."""
        structure = self._structure_past.frontier_at(at_s)
        return ProjectVersion(
            structure,
            _Bodies(self._entries(structure), lambda file: self.past(file).frontier_at(at_s)),
        )

    def files(self, version: ProjectVersion) -> dict[str, FileState]:
        """Every file as it was, by path. What has not come to this device yet is `missing`."""
        return {
            path: self._state(entry, path, version) for path, entry in self._shown(version).items()
        }

    def file(self, version: ProjectVersion, path: str) -> FileState | None:
        """One file as it was."""
        entry = self._shown(version).get(path)
        return None if entry is None else self._state(entry, path, version)

    def differing(
        self, old: ProjectVersion, new: ProjectVersion
    ) -> dict[str, tuple[bytes | None, bytes | None]]:
        """What differs between two versions: by path, the bytes then and then, None where none."""
        return differing(self.files(old), self.files(new))

    def folder_files(self) -> dict[str, FileState]:
        """What lies in the folder, taken in or not. Raises FolderMissing and disk faults."""
        known = self.files(self.now())
        shown = {base.path: base.file for base in self._rooms.store.bases().values()}
        by_file = {state.entry.file: state for state in known.values()}
        found: dict[str, FileState] = {}
        for path in self._folder.scan().files:
            read = self._folder.read(path)
            kept = None if read is None else read_content(read[0])
            if read is None or kept is None or isinstance(kept, TooLarge):
                continue
            normal = normalize("NFC", path)
            state = by_file.get(shown.get(path, FileId("")))
            entry = Entry(FileId(f"new:{normal}"), normal, FileKind.TEXT, read[1].executable)
            found[normal] = FileState(entry if state is None else state.entry, normal, kept)
        return found

    def missing(self, version: ProjectVersion) -> bool:
        """Whether parts of a version have not come to this device yet."""
        try:
            entries = self._entries(version.structure)
            for file in version.bodies.keys() & entries.keys():
                self._body(file).version_at(version.bodies[file])
        except UpdateInvalid:
            return True
        return False

    def snapshots(self) -> list[Snapshot]:
        """All named moments, newest first."""
        return snapshots_of(self._rooms)

    # What happened.

    def timeline(self, path: str | None = None, *, follow: bool = True) -> Timeline:
        """Everything that happened, or all that happened to one file.

        Args: follow: with what the file was called before.
        """
        now = self.files(self.now())
        counted = {at: _words(at, state.data) for at, state in now.items()}
        wanted = None if path is None else self._files_called(path)
        sessions = Sessions(
            dated
            for past in (self._structure_past, *map(self.past, self._ever))
            for dated in past.dated
        )
        works: dict[int, dict[FileId, FileWork]] = {}
        facts: dict[int, Dated] = {}
        for file in self._ever:
            if wanted is not None and file not in wanted:
                continue
            for session, dated, work in self._works(file, sessions):
                if path is not None and not follow and path not in (work.path, work.old_path):
                    continue
                facts.setdefault(session, dated)
                held = works.setdefault(session, {})
                held[file] = together(held.get(file), work)
        told = [
            sessions.tell(session, self.name_of(facts[session].author), tuple(held.values()))
            for session, held in sorted(works.items())
        ]
        told.sort(key=lambda session: (session.began_ms, session.ended_ms))
        words = sum(
            counted[at] for at, state in now.items() if wanted is None or state.entry.file in wanted
        )
        shown = {at: state.data for at, state in now.items()}
        parts = tuple(
            Chapter(at, title, counted[at], target)
            for at, title, target in chapters.chapters(shown)
        )
        return Timeline(self.project, tuple(told), tuple(self._pins()), parts, words)

    def blame(self, path: str) -> list[Piece[Written]] | None:
        """The text of a file now, in pieces, each with who wrote it; None if it is no text."""
        state = self.file(self.now(), path)
        if state is None or state.entry.kind is not FileKind.TEXT:
            return None
        past = self.past(state.entry.file)
        pieces: list[Piece[Written]] = []
        runs = list(past.runs(lambda one, other: _key(one) == _key(other)))
        walked = past.document.walk(run.frontier for run in runs)
        for run, difference in zip(runs, walked, strict=True):
            first = self._named(state.entry.file, run.last)
            who = Written(self.name_of(first.author), first.at_s, first.utc_offset_minutes)
            pieces = attribute(pieces, difference.steps, who)
        return pieces

    def name_of(self, author: AuthorId | None) -> str:
        """What people call a device."""
        if author is None:
            return "?"
        known = self._names.get(encode_id(author))
        return known if isinstance(known, str) and known else encode_id(author)[:8]

    def past(self, file: FileId) -> Past:
        """A file's document, and all that happened to it."""
        found = self._pasts.get(file)
        if found is None:
            made = self._made.get(file)
            began = 0 if made is None else made.at_s
            room = self._rooms.room(file)
            found = Past(room.document, self._author_in(file), began_s=began, now_s=self._now_s)
            self._pasts[file] = found
        return found

    # Inside.

    @property
    def _structure(self) -> Document:
        return self._rooms.room(STRUCTURE).document

    @cached_property
    def _structure_past(self) -> Past:
        return Past(self._structure, self._author_in(STRUCTURE), now_s=self._now_s)

    @cached_property
    def project(self) -> str:
        """What the project is called."""
        return (self._rooms.store.meta("name") or b"").decode("utf-8", "replace")

    @cached_property
    def _names(self) -> Mapping[str, object]:
        if self._account.row(HOME) is None:
            return {}
        return self._account.room(HOME).document.map_items(DEVICES)

    @cached_property
    def _moves(self) -> list[_Move]:
        """All that happened to files' entries, in order."""
        paths: dict[str, str] = {}
        gone: set[str] = set()
        moves: list[_Move] = []
        runs = list(self._structure_past.runs(lambda _one, _other: False))
        walked = self._structure.walk(run.frontier for run in runs)
        for run, difference in zip(runs, walked, strict=True):
            for key, path in difference.maps.get(PATH, {}).items():
                old = paths.get(key)
                if not isinstance(path, str) or path == old:
                    continue
                did = Did.CREATED if old is None else Did.RENAMED
                moves.append(_Move(FileId(key), did, path, old, run.last))
                paths[key] = path
            for key, value in difference.maps.get(DELETED, {}).items():
                if key not in paths or (value is not None) == (key in gone):
                    continue
                did = Did.RESTORED if value is None else Did.DELETED
                moves.append(_Move(FileId(key), did, paths[key], None, run.last))
                gone ^= {key}
        return moves

    @cached_property
    def _moves_of(self) -> dict[FileId, list[_Move]]:
        moves: dict[FileId, list[_Move]] = {}
        for move in self._moves:
            moves.setdefault(move.file, []).append(move)
        return moves

    @cached_property
    def _made(self) -> dict[FileId, Dated]:
        """When each file first had an entry, and by whom."""
        made: dict[FileId, Dated] = {}
        for move in self._moves:
            made.setdefault(move.file, move.dated)
        return made

    @property
    def _ever(self) -> list[FileId]:
        """Every file that ever was."""
        known = set(self._rooms.names())
        return [file for file in self._made if file in known]

    def _body(self, file: FileId) -> Document:
        return self._rooms.room(file).document

    def _author_in(self, room: str) -> Callable[[PeerId], AuthorId | None]:
        replica = self._rooms.room(room).replica
        me = AuthorId(self._rooms.identity.signing.public)
        genesis = decode_id(room)

        def author_of(peer: PeerId) -> AuthorId | None:
            owner = replica.author_of(peer)
            if owner is None:
                return me
            return None if owner == genesis else owner

        return author_of

    def _named(self, file: FileId, dated: Dated) -> Dated:
        """What nobody signed was written by whoever made the file."""
        return dated if dated.author is not None else self._made.get(file, dated)

    def _entries(self, structure: bytes) -> Mapping[FileId, Entry]:
        return read_structure(self._structure.at(structure)).entries

    def _shown(self, version: ProjectVersion) -> dict[str, Entry]:
        """The files that were there, by path."""
        entries = self._entries(version.structure)
        hidden = {
            file
            for file, entry in entries.items()
            if entry.deleted is not None and entry.hidden(self._version_of(file, version))
        }
        rendered = render_paths(entries, hidden)
        return {path: entries[file] for file, path in sorted(rendered.items(), key=itemgetter(1))}

    def _state(self, entry: Entry, path: str, version: ProjectVersion) -> FileState:
        frontier = version.bodies.get(entry.file)
        body = self._body(entry.file)
        if frontier is not None and frontier != body.frontier():
            body = body.at(frontier)
        return FileState(entry, path, content_of(body, entry))

    def _version_of(self, file: FileId, version: ProjectVersion) -> versions.VersionVector:
        frontier = version.bodies.get(file)
        return versions.EMPTY if frontier is None else self._body(file).version_at(frontier)

    def ever_called(self, path: str) -> bool:
        """Whether a file ever lay there."""
        return bool(self._files_called(path)) or (self._folder.root / path).exists()

    def _files_called(self, path: str) -> set[FileId]:
        """The file of that path now; else all that ever had it."""
        entry = self._shown(self.now()).get(path)
        if entry is not None:
            return {entry.file}
        return {move.file for move in self._moves if move.path == path}

    def _works(self, file: FileId, sessions: Sessions) -> Iterator[tuple[int, Dated, FileWork]]:
        """What was done to one file, session by session."""
        past = self.past(file)
        moves = self._moves_of[file]
        path = moves[0].path if moves else ""
        totals: list[tuple[int, int]] = [(0, 0)]
        text = ""

        def session_of(dated: Dated) -> int:
            return sessions.of(self._named(file, dated))

        runs = list(past.runs(lambda one, other: session_of(one) == session_of(other)))
        walked = past.document.walk(run.frontier for run in runs)
        for run, difference in zip(runs, walked, strict=True):
            there = [move for move in moves if move.dated.at_s <= run.last.at_s]
            path = there[-1].path if there else path
            added, removed = effort(text, difference.steps, layout_of(path))
            text = apply_steps(difference.steps, text)
            totals.append((run.last.at_s, totals[-1][1] + added - removed))
            dated = self._named(file, run.last)
            yield session_of(run.last), dated, FileWork(path, added, removed, Did.CHANGED)
        for move in moves:
            held = totals[bisect_right(totals, (move.dated.at_s, 2**62)) - 1][1]
            gone = held if move.did is Did.DELETED else 0
            back = held if move.did is Did.RESTORED else 0
            work = FileWork(move.path, back, gone, move.did, move.old_path)
            yield sessions.of(move.dated), move.dated, work

    def _pins(self) -> Iterator[Pin]:
        for snapshot in self.snapshots():
            yield Pin(
                snapshot.name,
                snapshot.kind is Kind.SAFETY,
                snapshot.at_ms,
                self.name_of(snapshot.author),
                snapshot.message,
                snapshot.counts.files,
                snapshot.counts.chapters,
                snapshot.counts.words,
            )


class _Bodies(Mapping[FileId, bytes]):
    """Frontiers that are looked for when they are wanted: opening a document takes a moment."""

    def __init__(self, files: Iterable[FileId], find: Callable[[FileId], bytes]) -> None:
        self._files = frozenset(files)
        self._find = find
        self._found: dict[FileId, bytes] = {}

    def __getitem__(self, file: FileId) -> bytes:
        if file not in self._files:
            raise KeyError(file)
        if file not in self._found:
            self._found[file] = self._find(file)
        return self._found[file]

    def __iter__(self) -> Iterator[FileId]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def snapshots_of(rooms: SubjectRooms) -> list[Snapshot]:
    """A project's named moments, newest first."""
    return [] if rooms.row(SNAPSHOTS) is None else read_snapshots(rooms.room(SNAPSHOTS).document)


def _key(dated: Dated) -> tuple[object, int]:
    return dated.author, dated.at_s


def _words(path: str, data: bytes) -> int:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return 0
    return count_words(text, layout_of(path))
