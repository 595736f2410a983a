"""A project's folder and its documents, kept equal.

`absorb` takes in what was done on disk; `render` puts on disk what has come. Both run one at a
time, and each step leaves disk, documents and bases such that a crash right after it loses nothing
and doubles nothing: what was absorbed is kept in the same commit as its base, and a base is kept
before the file it speaks of is replaced.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from sakya_sync.client.empty_folders import EmptyFolders
from sakya_sync.client.filestate import content_of
from sakya_sync.client.names import ACCESS, STRUCTURE
from sakya_sync.client.sealed_room import SealedRoom
from sakya_sync.client.subject_rooms import SubjectRooms
from sakya_sync.errors import KeyMissing, UpdateInvalid
from sakya_sync.files.folder import Folder, Scan, Stat, TargetChanged
from sakya_sync.ids import FileId
from sakya_sync.mapping import guard, local, remote, stale
from sakya_sync.mapping.bases import Base, Earlier
from sakya_sync.mapping.content import (
    Eol,
    Kind,
    Opaque,
    Text,
    data_of,
    digest_of,
)
from sakya_sync.mapping.diff import text_steps
from sakya_sync.mapping.names import alias
from sakya_sync.mapping.opaque import (
    VERSIONS,
    kept_beside,
    read_versions,
    version_id,
)
from sakya_sync.mapping.rendering import render_paths
from sakya_sync.mapping.structure import Entry, Structure, add_entry, read_entry, read_structure
from sakya_sync.record import versions
from sakya_sync.replica.document import Document, genesis_opaque, genesis_update
from sakya_sync.seal.genesis import file_id, file_seed, genesis_peer

RECENT_NS: Final = 50_000_000
"""A file changed so shortly before it was looked at may change again within its clock's tick."""
CREATES_PER_FLUSH: Final = 100
GUARD_WINDOW_NS: Final = 10_000_000_000
"""What goes within this time counts together."""
_FILE_KINDS: Final = {Kind.TEXT: 0, Kind.OPAQUE: 1}


@dataclass(slots=True)
class Taken:
    """What a round has done, by path."""

    changed: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    again: bool = False
    """Whether the disk changed under our hands, so that another round is needed."""


class FolderSync:
    """See the module."""

    def __init__(
        self,
        rooms: SubjectRooms,
        folder: Folder,
        *,
        wall_ns: Callable[[], int],
        ready: Callable[[str, Stat, int], bool] = lambda _path, _stat, _known: True,
    ) -> None:
        """
        Args:
            wall_ns: nanoseconds since 1970, on the clock that files are stamped by.
            ready: whether a file that looks changed may be read now (path, how it looks, the size
                of its base).
        """
        self.rooms = rooms
        self.folder = folder
        self._ready = ready
        self._wall_ns = wall_ns
        self._bases = rooms.store.bases()
        self._intended = rooms.store.bases(intended=True)
        self._earlier = rooms.store.earlier()
        self._dirty: set[str] = set(rooms.store.unrendered())
        self._attention: tuple[tuple[str, str], ...] = tuple(rooms.store.attention())
        self._skipped: tuple[tuple[str, str], ...] = ()
        self._faults: tuple[tuple[str, str], ...] = ()
        self._unclaimed: dict[str, FileId] = {}
        self._held = {held.file: held for held in rooms.store.held()}
        self._approved: frozenset[FileId] = frozenset()
        self._lately: list[tuple[int, guard.Taken]] = []
        self._left_alone: set[FileId] = set()
        self._empty_folders = EmptyFolders(folder, rooms.store.folders(), rooms.also)
        self._emptied = False
        self._one_at_a_time = asyncio.Lock()

    # What it knows.

    @property
    def structure(self) -> SealedRoom:
        """The structure document's room."""
        return self.rooms.room(STRUCTURE)

    @property
    def bases(self) -> dict[FileId, Base]:
        """What disk and documents last agreed on; not to be changed."""
        return self._bases

    @property
    def attention(self) -> tuple[tuple[str, str], ...]:
        """What the writer should know of: (path, reason)."""
        return self._attention

    @property
    def held(self) -> tuple[guard.Held, ...]:
        """What takes away so much at once that the writer has to say whether it is meant."""
        return tuple(sorted(self._held.values(), key=lambda held: held.path))

    @property
    def dirty(self) -> bool:
        """Whether something has come that the folder does not show, and could."""
        return not self._emptied and bool(self._dirty - self._held.keys() - self._left_alone)

    def imported(self, name: str) -> None:
        """A room's document has changed by what others wrote."""
        if name != ACCESS:
            self._dirty.add(name)

    def paths(self) -> dict[str, FileId]:
        """The files of the project, by path."""
        structure = read_structure(self.structure.document)
        rendered = render_paths(structure.entries, self._hidden(structure))
        return {path: file for file, path in rendered.items()}

    # From disk.

    async def absorb(self) -> Taken:
        """Take in what was done on disk. Raises FolderMissing, PermissionMissing and so on."""
        async with self._one_at_a_time:
            return await self._absorb()

    async def _absorb(self) -> Taken:
        scan = await asyncio.to_thread(self.folder.scan)
        self.folder.sweep(scan.leftovers)
        by_path = {base.path: base for base in self._bases.values()}
        found, again = await asyncio.to_thread(self._look, scan.files, by_path)
        found = [self._as_intended(item) for item in found]
        found += self._left(scan, by_path)
        plan = self._guarded(
            local.plan_local(self._bases, found, self._old_text), emptied=scan.empty
        )
        taken = Taken(again=again)
        self._skipped = (*scan.skipped, *plan.skipped)
        if not self._emptied:
            self._skipped += self._empty_folders.absorb(scan, self.structure.edit)
        self._tell()
        pending = 0
        self._unclaimed = self._not_on_disk(plan)
        for step in plan.steps:
            self._take(step, taken)
            pending += 1
            if pending >= CREATES_PER_FLUSH:
                pending = 0
                await self.rooms.flush()
        if plan.steps:
            await self.rooms.flush()
        if any(isinstance(step, local.Create | local.Move) for step in plan.steps):
            # A new name may be one that another file has on other systems.
            self._dirty.add(STRUCTURE)
        return taken

    def _guarded(self, plan: local.LocalPlan, *, emptied: bool) -> local.LocalPlan:
        """The plan without what is held."""
        self._emptied = emptied and bool(self._bases)
        now = self._wall_ns()
        self._lately = [(at, taken) for at, taken in self._lately if now - at < GUARD_WINDOW_NS]
        held: tuple[guard.Held, ...] = ()
        if guard.takes_away(plan):
            entries = read_structure(self.structure.document).entries
            texts = {file for file, entry in entries.items() if entry.kind is Kind.TEXT}
            lately = guard.Taken(
                sum(taken.files for _, taken in self._lately),
                sum(taken.text_bytes for _, taken in self._lately),
            )
            plan, held = guard.guard(
                plan,
                self._bases,
                texts,
                lately=lately,
                approved=self._approved,
                emptied=self._emptied,
            )
            self._lately.append((now, guard.taken_by(plan, texts, self._approved)))
        self._hold(held)
        return plan

    def _hold(self, held: Iterable[guard.Held]) -> None:
        holding = {entry.file: entry for entry in held}
        if holding != self._held:
            self._held = holding
            self.rooms.also().held(self.held)

    async def approve(self) -> Taken:
        """Take in what is held: it is meant."""
        async with self._one_at_a_time:
            self._approved = frozenset(self._held)
            try:
                return await self._absorb()
            finally:
                self._approved = frozenset()

    async def put_back(self) -> Taken:
        """Bring back to the folder what is held; what is there goes into the trash."""
        async with self._one_at_a_time:
            for held in self.held:
                base = self._bases[held.file]
                read = await asyncio.to_thread(self.folder.read, base.path)
                if read is None:
                    self._drop(held.file)
                else:
                    data, stat = read
                    await asyncio.to_thread(self.folder.set_aside, base.path, data)
                    self._keep_base(held.file, stat, digest_of(data), base.frontier, base)
                self._dirty.add(held.file)
            self._hold(())
            # An empty folder is not left alone either, now that the writer wants the files there.
            self._emptied = False
            return await self._render()

    def _look(
        self, files: dict[str, Stat], by_path: dict[str, Base]
    ) -> tuple[list[local.Found], bool]:
        """Read every file that does not look as its base has it; whether any must wait."""
        found: list[local.Found] = []
        again = False
        for path, stat in files.items():
            base = by_path.get(path)
            if base is not None and _looks_same(base, stat):
                found.append(_found(path, stat, None))
                continue
            if not self._ready(path, stat, 0 if base is None else base.size):
                again = True
                if base is not None:
                    found.append(_found(path, replace(stat, executable=base.executable), None))
                continue
            try:
                read = self.folder.read(path)
            except TargetChanged:
                read = None
                again = True
                if base is not None:
                    found.append(_found(path, replace(stat, executable=base.executable), None))
            if read is not None:
                found.append(_found(path, read[1], read[0]))
        return found, again

    def _left(self, scan: Scan, by_path: dict[str, Base]) -> list[local.Found]:
        """Files that are left alone from now on: not taken in, not written, and not deleted."""
        left = [
            base for path, base in by_path.items() if path not in scan.files and scan.leaves(path)
        ]
        self._left_alone = {base.file for base in left}
        return [
            local.Found(base.path, base.size, base.mtime_ns, base.inode, base.executable, None)
            for base in left
        ]

    def _as_intended(self, item: local.Found) -> local.Found:
        """Recognize what we had written ourselves when we were cut off."""
        if not self._intended or item.data is None:
            return item
        for file, base in list(self._intended.items()):
            if base.path == item.path and base.digest == digest_of(item.data):
                del self._intended[file]
                self._keep_base(file, _stat_of(item), base.digest, base.frontier, base)
                return replace(item, data=None)
        return item

    def _take(self, step: local.LocalStep, taken: Taken) -> None:
        match step:
            case local.Create(found, path, content):
                self._create(found, path, content)
                taken.changed.add(found.path)
            case local.Edit(base, found, content):
                self._edit(base.file, found, content)
                taken.changed.add(found.path)
            case local.Move(base, found, path):
                self._move(base, found, path)
                taken.removed.add(base.path)
                taken.changed.add(found.path)
            case local.Touch(base, found):
                self._touch(base, found, taken)
            case local.Delete(base):
                self._delete(base)
                taken.removed.add(base.path)
            case _:
                assert_never(step)

    def _create(self, found: local.Found, path: str, content: Text | Opaque) -> None:
        """A file that is new on this disk: of the project already, or new to all."""
        assert found.data is not None
        known = self._same_file(path, content)
        if known is not None:
            document = self.rooms.room(known).document
            self._agree(known, found, content, document.frontier())
            return
        file, room = self._document_for(path, content)
        executable = found.executable
        entry = Entry(file, path, _kind(content), executable, *_attributes(content))
        with self.structure.edit() as document:
            add_entry(document, entry)
        frontier = room.document.frontier()
        if data_of(content_of(room.document, entry)) != found.data:
            # The same file was made before, changed and deleted: what is on disk now counts.
            frontier = write_into(room, frontier, content)
        self._agree(file, found, content, frontier)

    def _document_for(self, path: str, content: Text | Opaque) -> tuple[FileId, SealedRoom]:
        """The document that every device makes for this path and content."""
        first = self.rooms.access.first_secret()
        if first is None:
            raise KeyMissing("the project's first key")
        kind = _kind(content)
        data = content.text.encode() if isinstance(content, Text) else content.data
        key = file_seed(first, self.rooms.subject, path, _FILE_KINDS[kind], data)
        file = file_id(key.public)
        room = self.rooms.room(file)
        if room.empty and data:
            peer = genesis_peer(first, self.rooms.subject, key.public)
            if isinstance(content, Text):
                update = genesis_update(peer, content.text)
            else:
                update = genesis_opaque(peer, version_id(content.data), content.data)
            room.begin(key, peer, update)
        return file, room

    def _same_file(self, path: str, content: Text | Opaque) -> FileId | None:
        """A file of the project that belongs at this path, is not on disk, and holds just this."""
        file = self._unclaimed.pop(path, None)
        entry = None if file is None else read_entry(self.structure.document, file)
        if file is None or entry is None:
            return None
        room = self.rooms.room(file)
        return file if data_of(content_of(room.document, entry)) == data_of(content) else None

    def _not_on_disk(self, plan: local.LocalPlan) -> dict[str, FileId]:
        """By path, files of the project that this disk does not have yet."""
        if not any(isinstance(step, local.Create) for step in plan.steps):
            return {}
        return {path: file for path, file in self.paths().items() if file not in self._bases}

    def _edit(self, file: FileId, found: local.Found, content: Text | Opaque) -> None:
        base = self._bases[file]
        room = self.rooms.room(file)
        chosen = self._made_from(room, base, found, content)
        source = base.frontier if chosen is None else chosen.frontier
        frontier = write_into(room, source, content)
        self._had_before(file, stale.saved_by_a_program(self._before(file), base.frontier, chosen))
        entry = read_entry(self.structure.document, file)
        if entry is not None:
            eol, bom = _attributes(content)
            fresh = replace(
                entry,
                kind=_kind(content),
                executable=_executable(found, base, entry),
                eol=eol,
                bom=bom,
                # Whoever edits a file wants it.
                deleted=None,
            )
            if fresh != entry:
                with self.structure.edit() as document:
                    add_entry(document, fresh)
        self._agree(file, found, content, frontier)

    def _made_from(
        self, room: SealedRoom, base: Base, found: local.Found, content: Text | Opaque
    ) -> Earlier | None:
        """The earlier base that a save was made from; None for the one that the disk had."""
        read = self.folder.read_since_written(base.path, base.inode, found.inode)
        self.folder.saved_by_a_program(base.path)
        before = self._before(base.file)
        if not before or not isinstance(content, Text):
            return None
        document = room.document
        try:
            texts = [(earlier, document.text_at(earlier.frontier)) for earlier in before]
            return stale.choose_base(content.text, document.text_at(base.frontier), texts, read)
        except UpdateInvalid:
            return None

    def _move(self, base: Base, found: local.Found, path: str) -> None:
        entry = read_entry(self.structure.document, base.file)
        if entry is not None:
            with self.structure.edit() as document:
                add_entry(document, replace(entry, path=path))
        moved = self._bases[base.file]
        self._keep(replace(moved, path=found.path, inode=found.inode))

    def _touch(self, base: Base, found: local.Found, taken: Taken) -> None:
        entry = read_entry(self.structure.document, base.file)
        if entry is not None and found.executable != base.executable:
            with self.structure.edit() as document:
                add_entry(document, replace(entry, executable=found.executable))
            taken.changed.add(found.path)
        known = self._bases[base.file]
        self._keep_base(base.file, _stat_of(found), known.digest, known.frontier, known)

    def _delete(self, base: Base) -> None:
        entry = read_entry(self.structure.document, base.file)
        if entry is not None:
            seen = self.rooms.room(base.file).document.version_at(base.frontier)
            with self.structure.edit() as document:
                add_entry(document, replace(entry, deleted=seen))
        self._drop(base.file)
        # An edit that this device had not shown yet brings the file back.
        self._dirty.add(base.file)

    # To disk.

    async def render(self) -> Taken:
        """Put on disk what has come."""
        async with self._one_at_a_time:
            return await self._render()

    async def _render(self) -> Taken:
        taken = Taken()
        if self._emptied:
            return taken
        waits = self._dirty & (self._held.keys() | self._left_alone)
        dirty, self._dirty = self._dirty - waits, waits
        if not dirty:
            return taken
        try:
            structure = read_structure(self.structure.document)
            self._keep_both(structure, dirty)
            structure = read_structure(self.structure.document)
            rendered = render_paths(structure.entries, self._hidden(structure))
            # A document without an entry may still get one: its room came first.
            changed = {FileId(name) for name in dirty} & rendered.keys()
            steps = remote.plan_remote(rendered, self._bases, self._differing(structure, changed))
            for step in steps:
                if step.file in self._held or step.file in self._left_alone:
                    continue
                try:
                    await self._do(step, structure, taken)
                except TargetChanged:
                    # The writer was quicker: take that in first, then try again.
                    taken.again = True
                    self._dirty.update(dirty)
        except BaseException:
            self._dirty.update(dirty)
            raise
        if STRUCTURE in dirty:
            self._empty_folders.render(self.structure.document)
        self._faults = structure.faults
        self._tell()
        if not taken.again:
            self._rendered(dirty)
        await self.rooms.flush()
        return taken

    async def _do(self, step: remote.DiskStep, structure: Structure, taken: Taken) -> None:
        match step:
            case remote.Write(file, path):
                if await self._write(structure.entries[file], path):
                    taken.changed.add(path)
            case remote.Relocate(file, source, target):
                base = self._bases[file]
                self.rooms.also().base(replace(base, path=target), intended=True)
                await self.rooms.flush()
                stat = await asyncio.to_thread(
                    self.folder.relocate, source, target, expected=base.digest
                )
                self._keep(replace(base, path=target, inode=stat.inode))
                taken.removed.add(source)
                taken.changed.add(target)
            case remote.Remove(file, path):
                base = self._bases[file]
                await asyncio.to_thread(self.folder.remove, path, expected=base.digest)
                self._drop(file)
                taken.removed.add(path)
            case _:
                assert_never(step)

    async def _write(self, entry: Entry, path: str) -> bool:
        """Bring one file up to date; whether its bytes changed."""
        room = self.rooms.room(entry.file)
        base = self._bases.get(entry.file)
        if base is None and room.empty and not (entry.kind is Kind.TEXT and room.settled):
            # Its content has not come yet; only a text that the relay has nothing of is empty.
            room.want()
            self._dirty.add(entry.file)
            return False
        data, frontier = data_of(content_of(room.document, entry)), room.document.frontier()
        digest = digest_of(data)
        if base is not None and (base.digest, base.executable) == (digest, entry.executable):
            self._keep(replace(base, frontier=frontier, eol=entry.eol, bom=entry.bom))
            return False
        fresh = Base(
            entry.file, path, digest, len(data), 0, 0, entry.executable, entry.eol, entry.bom,
            frontier,
        )  # fmt: skip
        if base is not None:
            read = self.folder.read_since_written(base.path, base.inode, base.inode)
            earlier = stale.written_by_us(self._before(entry.file), base.frontier, read)
            self._had_before(entry.file, earlier)
        self.rooms.also().base(fresh, intended=True)
        await self.rooms.flush()
        stat = await asyncio.to_thread(
            self.folder.replace,
            path,
            data,
            executable=entry.executable,
            expected=None if base is None else base.digest,
        )
        self._keep_base(entry.file, stat, digest, frontier, fresh)
        return True

    def _differing(self, structure: Structure, changed: set[FileId]) -> set[FileId]:
        """Of these files, those that their base does not show; and those with new attributes."""
        differing = set(changed)
        for file, base in self._bases.items():
            entry = structure.entries.get(file)
            if entry is not None and (entry.executable, entry.eol, entry.bom) != (
                base.executable,
                base.eol,
                base.bom,
            ):
                differing.add(file)
        return differing

    def _keep_both(self, structure: Structure, dirty: Iterable[str]) -> None:
        """Give each version of an opaque file that was written at once a file of its own."""
        for name in dirty:
            entry = structure.entries.get(FileId(name))
            if entry is None or entry.kind is not Kind.OPAQUE:
                continue
            room = self.rooms.room(name)
            held = read_versions(room.document.map_items(VERSIONS))
            beside = kept_beside(held)
            for number, version in enumerate(beside, 2):
                content = Opaque(held[version])
                path = alias(entry.path, number)
                file, _ = self._document_for(path, content)
                with self.structure.edit() as document:
                    add_entry(document, Entry(file, path, Kind.OPAQUE, entry.executable))
                self._dirty.add(file)
            if beside:
                with room.edit() as document:
                    for version in beside:
                        document.map_delete(VERSIONS, version)

    # Bases and the rest.

    def _hidden(self, structure: Structure) -> set[FileId]:
        hidden: set[FileId] = set()
        for file, entry in structure.entries.items():
            if entry.deleted is None:
                continue
            row = self.rooms.row(file)
            body = versions.EMPTY if row is None else versions.decode(row.version)
            opened = self.rooms.is_open(file)
            if opened is not None:
                body = opened.version()
            if entry.hidden(body):
                hidden.add(file)
        return hidden

    def _old_text(self, file: FileId) -> str | None:
        base = self._bases[file]
        try:
            return self.rooms.room(file).document.text_at(base.frontier)
        except UpdateInvalid:
            return None

    def _agree(
        self, file: FileId, found: local.Found, content: Text | Opaque, frontier: bytes
    ) -> None:
        """Disk and document hold the same now."""
        assert found.data is not None
        eol, bom = _attributes(content)
        stat = _stat_of(found)
        base = Base(file, found.path, b"", found.size, 0, 0, found.executable, eol, bom, frontier)
        self._keep_base(file, stat, digest_of(found.data), frontier, base)
        room = self.rooms.room(file)
        if room.document.version_at(frontier) != room.version():
            self._dirty.add(file)

    def _keep_base(
        self, file: FileId, stat: Stat, digest: bytes, frontier: bytes, like: Base
    ) -> None:
        recent = self._wall_ns() - stat.mtime_ns < RECENT_NS
        self._keep(
            replace(
                like,
                file=file,
                digest=digest,
                size=stat.size,
                mtime_ns=0 if recent else stat.mtime_ns,
                inode=stat.inode,
                executable=stat.executable,
                frontier=frontier,
            )
        )

    def _keep(self, base: Base) -> None:
        self._bases[base.file] = base
        self.rooms.also().base(base)

    def _before(self, file: FileId) -> tuple[Earlier, ...]:
        return self._earlier.get(file, ())

    def _had_before(self, file: FileId, earlier: tuple[Earlier, ...]) -> None:
        if earlier != self._before(file):
            self._earlier[file] = earlier
            self.rooms.also().earlier(file, earlier)

    def _drop(self, file: FileId) -> None:
        self._bases.pop(file, None)
        self._earlier.pop(file, None)
        self.rooms.also().no_base(file)

    def _rendered(self, names: Iterable[str]) -> None:
        batch = self.rooms.also()
        for name in names:
            row = self.rooms.row(name)
            if row is not None and name not in self._dirty:
                batch.unrendered(row.number, waits=False)

    def _tell(self) -> None:
        held = ((held.path, held.reason) for held in self._held.values())
        attention = tuple(sorted({*self._skipped, *self._faults, *held}))
        if attention != self._attention:
            self._attention = attention
            self.rooms.also().attention(attention)


def write_into(room: SealedRoom, frontier: bytes, content: Text | Opaque) -> bytes:
    """Change a document from how it was at a frontier to this; the frontier right after."""
    document = room.document
    current = document.version_at(frontier) == room.version()

    def change(target: Document) -> None:
        put_content(target, content)

    if not current:
        return room.edit_at(frontier, change)
    with room.edit() as target:
        change(target)
    return room.document.frontier()


def put_content(document: Document, content: Text | Opaque) -> None:
    match content:
        case Text(text=text):
            document.apply_steps(text_steps(document.text(), text))
        case Opaque(data=data):
            wanted = version_id(data)
            for version in document.map_items(VERSIONS):
                if version != wanted:
                    document.map_delete(VERSIONS, version)
            document.map_set(VERSIONS, wanted, data)


def _kind(content: Text | Opaque) -> Kind:
    return Kind.TEXT if isinstance(content, Text) else Kind.OPAQUE


def _attributes(content: Text | Opaque) -> tuple[Eol, bool]:
    return (content.eol, content.bom) if isinstance(content, Text) else (Eol.LF, False)


def _executable(found: local.Found, base: Base, entry: Entry) -> bool:
    return found.executable if found.executable != base.executable else entry.executable


def _looks_same(base: Base, stat: Stat) -> bool:
    return (base.size, base.mtime_ns, base.inode) == (stat.size, stat.mtime_ns, stat.inode)


def _found(path: str, stat: Stat, data: bytes | None) -> local.Found:
    return local.Found(path, stat.size, stat.mtime_ns, stat.inode, stat.executable, data)


def _stat_of(found: local.Found) -> Stat:
    return Stat(found.size, found.mtime_ns, found.inode, found.executable)
